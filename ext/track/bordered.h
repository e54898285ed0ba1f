/* Newton's method in the plane normal to a curve's last tangent, by block elimination, and the tangent where it ends.

   What is asked of a curve, the settings and the totals of a walk along it stand here, too. */
#ifndef HOMOTOPY_BORDERED_H
#define HOMOTOPY_BORDERED_H
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct hp_curve hp_curve;
struct hp_curve {
    int64_t n;
    const void *data;
    /* Writes the gradient at (x, t). */
    void (*gradient)(const hp_curve *self, const double *x, double t, double *g, double *work);
    /* Returns the value at the point of the last call of gradient. */
    double (*value)(const hp_curve *self, const double *x, double t, double *work);
    /* At the point of the last call of gradient: replaces r by A^-1 r unless it is NULL, writes z = A^-1 dg/dt, and
       returns the number of negative eigenvalues of A, or -1 where A is singular. */
    int64_t (*solve)(const hp_curve *self, const double *x, double t, double *r, double *z, double *work);
    /* Replaces r by A^-1 r, with the factors of the last call of solve. */
    void (*again)(const hp_curve *self, double *r, double *work);
};

typedef struct {
    double x_weight, t_weight;                   /* the metric */
    double tolerance, final_tolerance, residual; /* of |g| over its size */
    double initial, minimum, maximum;            /* steps */
    double iterations, angle, grow, shrink;      /* step control; an aim of 0 is none */
    double jump_ratio;                           /* the guard; infinite is none */
    double low, high, target;                    /* the path ends where t crosses one of these; NaN is none */
    double limit;                                /* or where the largest |x_i| reaches this */
    double sense;                                /* the sign of t's motion at the start */
    int64_t max_iter, max_steps, fixed, located; /* located: room for this many folds */
} hp_settings;

typedef struct {
    int64_t n_points, n_folds, attempts, rejected, n_grad, n_solve;
    double next_step;
} hp_totals;

enum { HP_MAX_STEPS, HP_CROSSED, HP_LIMIT, HP_TOO_SMALL, HP_NOT_CONVERGED, HP_NON_FINITE, HP_SINGULAR };

/* The constants of continuation/parts/newton.py and engine/stepping.py. */
#define HP_SMALL 64        /* up to this many variables a correction costs little beside an evaluation */
#define HP_STILL 1e-5      /* a move after which a residual that does not fall may be one of rounding */
#define HP_LEAST 1e-13     /* a move that may be one of rounding */
#define HP_CONTRACTION 0.2 /* Newton's method leaves a fourth where a second root is as near as the first */

typedef struct {
    const hp_curve *curve;
    const hp_settings *set;
    hp_totals *totals;
    double *work, *g, *z, *other; /* the curve's, and vectors of n; the last of 2 n */
} hp_run;

/* A point on its way: arrays of n that the caller owns. */
typedef struct {
    double *x, *tangent_x;
    double t, tangent_t, value, norm, distance, contraction;
    int64_t n_iter, index;
} hp_place;

static double hp_dot(int64_t n, const double *a, const double *b) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Evaluates the gradient at a place. */
static void hp_evaluate(hp_run *run, hp_place *p) {
    run->curve->gradient(run->curve, p->x, p->t, run->g, run->work);
    p->norm = sqrt(hp_dot(run->curve->n, run->g, run->g));
    run->totals->n_grad++;
}

/* The last correction of Newton's method: the border's row and pivot, and how far it moved. */
typedef struct {
    const hp_place *last; /* the plane is normal to its tangent */
    double pivot, move;
} hp_border;

/* Returns the length of a correction in the metric. */
static double hp_length(const hp_settings *set, double square, double dt) {
    return sqrt(set->x_weight * square + set->t_weight * dt * dt);
}

/* Whether a small residual hides a distance: by the next correction, with the factors at hand. With many variables it
   is computed only after a long move, since after a short one Newton's method has settled. */
static int hp_far(const hp_run *run, const hp_border *border, int64_t n_iter, double tolerance) {
    const int64_t n = run->curve->n;
    double *r = run->other, square = 0, moved, y;
    if (n > HP_SMALL && (n_iter == 0 || border->move <= 10 * sqrt(tolerance))) return 0;
    if (n_iter == 0) return 1;
    memcpy(r, run->g, (size_t)n * sizeof *r);
    run->curve->again(run->curve, r, run->work);
    y = -run->set->x_weight * hp_dot(n, border->last->tangent_x, r) / border->pivot;
    for (int64_t i = 0; i < n; i++) square += (r[i] - y * run->z[i]) * (r[i] - y * run->z[i]);
    moved = hp_length(run->set, square, y);
    return moved > 10 * tolerance || (0.1 * border->move < moved && moved > HP_LEAST);
}

/* Whether the residual is what rounding leaves: how it changes when x changes by some units in its place. */
static int hp_at_rounding(hp_run *run, hp_place *p) {
    const int64_t n = run->curve->n;
    const double noise = 4 * DBL_EPSILON, t = p->t;
    double *x = run->other, *moved = x + n;
    double square = 0;
    for (int64_t i = 0; i < n; i++) x[i] = p->x[i] * (1 + (i % 3 == 1 ? -noise : noise));
    run->curve->gradient(run->curve, x, t, moved, run->work);
    run->totals->n_grad++;
    for (int64_t i = 0; i < n; i++) square += (moved[i] - run->g[i]) * (moved[i] - run->g[i]);
    hp_evaluate(run, p); /* what follows is asked at the point of the last evaluation */
    return p->norm <= 8 * sqrt(square);
}

/* Newton's method in the plane through (x, t) normal to the last tangent; the place holds the guess. A tight one goes
   to the final tolerance, in twice as many iterations. */
static int hp_correct(hp_run *run, hp_place *p, const hp_place *last, const double *guess, int tight) {
    const hp_settings *set = run->set;
    const int64_t n = run->curve->n, most = tight ? 2 * set->max_iter : set->max_iter;
    const double guess_t = p->t, tolerance = tight ? set->final_tolerance : set->tolerance;
    const double goal = tolerance * set->residual;
    hp_border border = {last, 0, 0};
    double first;
    int slow = 0;
    p->n_iter = 0, p->contraction = 0;
    hp_evaluate(run, p);
    first = p->norm;
    while (p->norm > goal || hp_far(run, &border, p->n_iter, tolerance)) {
        const double before = p->norm;
        double cw = 0, cz = 0, off = 0, square = 0, y;
        if (p->n_iter == most || p->norm > 100 * first || slow > most / 4) return HP_NOT_CONVERGED;
        if (run->curve->solve(run->curve, p->x, p->t, run->g, run->z, run->work) < 0) return HP_SINGULAR;
        run->totals->n_solve++;
#pragma omp simd reduction(+ : cw, cz, off)
        for (int64_t i = 0; i < n; i++) {
            cw += last->tangent_x[i] * run->g[i];
            cz += last->tangent_x[i] * run->z[i];
            off += last->tangent_x[i] * (p->x[i] - guess[i]);
        }
        off = set->x_weight * off + set->t_weight * last->tangent_t * (p->t - guess_t);
        border.pivot = set->t_weight * last->tangent_t - set->x_weight * cz;
        if (border.pivot == 0 || !isfinite(border.pivot)) return HP_SINGULAR;
        y = (off - set->x_weight * cw) / border.pivot;
#pragma omp simd reduction(+ : square)
        for (int64_t i = 0; i < n; i++) {
            const double d = run->g[i] - y * run->z[i];
            p->x[i] -= d;
            square += d * d;
        }
        p->t -= y;
        border.move = hp_length(set, square, y);
        p->n_iter++;
        hp_evaluate(run, p);
        if (p->n_iter == 1 && before > 10 * goal) p->contraction = p->norm / before;
        if (p->norm > 0.5 * before) {
            slow++;
            if (border.move < HP_STILL && hp_at_rounding(run, p)) break;
        }
    }
    if (!isfinite(p->norm)) return HP_NON_FINITE;
    double moved = 0;
#pragma omp simd reduction(+ : moved)
    for (int64_t i = 0; i < n; i++) moved += (p->x[i] - guess[i]) * (p->x[i] - guess[i]);
    p->distance = sqrt(set->x_weight * moved + set->t_weight * (p->t - guess_t) * (p->t - guess_t));
    return -1;
}

/* The unit tangent at the point of the last evaluation, on the side of the last one, or of growing sense * t. */
static int hp_tangent(hp_run *run, hp_place *p, const hp_place *last) {
    const hp_settings *set = run->set;
    const int64_t n = run->curve->n;
    double square, along, scale;
    p->index = run->curve->solve(run->curve, p->x, p->t, NULL, run->z, run->work);
    run->totals->n_solve++;
    if (p->index < 0) return HP_SINGULAR;
    p->value = run->curve->value(run->curve, p->x, p->t, run->work);
    square = hp_dot(n, run->z, run->z);
    along = last ? set->t_weight * last->tangent_t - set->x_weight * hp_dot(n, last->tangent_x, run->z) : set->sense;
    if (along == 0 || !isfinite(square)) return HP_SINGULAR;
    scale = copysign(1 / sqrt(set->x_weight * square + set->t_weight), along);
    for (int64_t i = 0; i < n; i++) p->tangent_x[i] = -run->z[i] * scale;
    p->tangent_t = scale;
    return -1;
}

/* Corrects a guess in the plane normal to the last tangent, and finds the tangent there. */
static int hp_settle(hp_run *run, hp_place *p, const hp_place *last, const double *guess, int tight) {
    memcpy(p->x, guess, (size_t)run->curve->n * sizeof *guess);
    const int code = hp_correct(run, p, last, guess, tight);
    return code >= 0 ? code : hp_tangent(run, p, last);
}
#endif
