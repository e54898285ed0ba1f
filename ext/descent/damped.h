/* Damped Newton and Levenberg-Marquardt: steps from a dense matrix of second derivatives.

   B is the Hessian or the Gauss-Newton matrix; the step solves (B + damping I) d = -g. The damping follows Nielsen's
   rule (H. B. Nielsen, "Damping parameter in Marquardt's method", IMM-REP-1999-05, equation 2.4): a step is accepted
   where the loss falls by more than 1e-4 of what the quadratic model says; a good one divides the damping by up to
   three, every failure multiplies it by 2, 4, 8, ... Where the gain is below the rounding of the loss, a step is
   accepted that halves the gradient. A matrix that is not positive definite counts as a failure.

   The damping has the matrix's unit, so no constant has one but the step of differences, 6e-6 (1 + |x|): of a function
   whose units nobody states its 1 is a length that the function tells (hp_natural_length). */
#ifndef HOMOTOPY_DAMPED_H
#define HOMOTOPY_DAMPED_H
#include "descent.h"
#include "tiny.h" /* its instruction sets hold cholesky too */

enum { HP_DAMPED_TRIALS = 60 };

typedef struct {
    int64_t n, stride;
    double *B, *L, *d, *x1, *g1;
    double damping, growth, most, charge, owed; /* most: the largest damping that is tried */
    /* owed: the part of a matrix's price that is not yet a whole evaluation */
    double pace, took; /* seconds that the first evaluation took, and the last matrix with its trials */
    double boldest; /* what the first step from x that was tried should gain; infinite before */
    int known, trial; /* B belongs to x; how many steps from there were tried */
    int (*cholesky)(const double *, int64_t, double, double *, int64_t);
    void *memory;
} hp_damped;

static int hp_damped_has(const hp_objective *objective, int rule) {
    return rule == HP_NEWTON || objective->gauss_newton != NULL;
}

/* What a matrix costs, in gradients; two a column where it is made of differences. */
static double hp_damped_charge(const hp_objective *objective, int rule) {
    if (rule == HP_LM) return objective->gauss_newton_cost;
    return objective->hessian ? objective->hessian_cost : 2.0 * (double)objective->size;
}

static hp_damped *hp_damped_open(const hp_objective *objective, int rule, int isa) {
    const int64_t n = objective->size, stride = (n + 7) / 8 * 8;
    hp_damped *q = calloc(1, sizeof *q);
    const size_t bytes = sizeof(double) * (size_t)(2 * n * stride + 3 * stride);
    double *next = q ? q->memory = aligned_alloc(64, bytes) : NULL;
    if (next == NULL) {
        free(q);
        return NULL;
    }
    q->n = n, q->stride = stride;
    q->B = next, next += n * stride;
    q->L = next, next += n * stride;
    q->d = next, next += stride;
    q->x1 = next, next += stride;
    q->g1 = next;
    q->charge = hp_damped_charge(objective, rule);
    q->cholesky = HP_OF_ISA(isa, &descent_table_f64)->cholesky;
    return q;
}

static void hp_damped_close(hp_damped *q) {
    if (q) free(q->memory);
    free(q);
}

/* Columns of the Hessian by central differences of the gradient, made symmetric. */
static void hp_damped_differences(hp_damped *q, hp_descent *s) {
    const int64_t n = q->n;
    const double unit = s->set->plain ? hp_natural_length(s) : 1.0;
    double *x = q->x1, *up = q->g1, *down = q->d;
    memcpy(x, s->x, sizeof(double) * (size_t)n);
    for (int64_t j = 0; j < n; j++) {
        const double h = 6e-6 * (unit + fabs(s->x[j]));
        x[j] = s->x[j] + h;
        s->objective->value_and_grad(s->objective, x, s->t, up, s->work);
        x[j] = s->x[j] - h;
        s->objective->value_and_grad(s->objective, x, s->t, down, s->work);
        x[j] = s->x[j];
        for (int64_t i = 0; i < n; i++) q->B[i * n + j] = (up[i] - down[i]) / (2.0 * h);
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) q->B[i * n + j] = q->B[j * n + i] = 0.5 * (q->B[i * n + j] + q->B[j * n + i]);
}

static void hp_damped_matrix(hp_damped *q, hp_descent *s) {
    const hp_objective *f = s->objective;
    if (s->set->rule == HP_LM) f->gauss_newton(f, s->x, s->t, q->B, s->work);
    else if (f->hessian != NULL) f->hessian(f, s->x, s->t, q->B, s->work);
    else hp_damped_differences(q, s);
    q->owed += q->charge;
    s->evaluations += (int64_t)floor(q->owed);
    q->owed -= floor(q->owed);
    q->known = 1;
    if (s->step > 0) return;
    double largest = 0.0;
    for (int64_t i = 0; i < q->n; i++) largest = fmax(largest, fabs(q->B[i * q->n + i]));
    if (largest == 0.0) largest = s->set->plain ? s->grad_norm / hp_natural_length(s) : 1.0;
    q->damping = (s->step_size > 0 ? s->step_size : 1e-3) * largest;
    q->growth = 2.0;
    s->bend = largest;
    q->most = s->set->plain ? 1e40 * largest : INFINITY;
}

/* d = -(L L')^-1 g; returns what the quadratic model gains, (damping |d|^2 - g.d) / 2. */
static double hp_damped_solve(hp_damped *q, const hp_descent *s) {
    const int64_t n = q->n;
    double *d = q->d, dg = 0.0, dd = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const double *row = q->L + i * q->stride;
        d[i] = (-s->g[i] - hp_dot(row, d, i)) / row[i];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        const double *row = q->L + i * q->stride;
        d[i] /= row[i];
        for (int64_t k = 0; k < i; k++) d[k] -= row[k] * d[i];
    }
    for (int64_t i = 0; i < n; i++) dg += d[i] * s->g[i], dd += d[i] * d[i];
    return 0.5 * (q->damping * dd - dg);
}

/* Moves to x1 and loosens the damping by how well the model did. */
static void hp_damped_accept(hp_damped *q, hp_descent *s, double value, double ratio) {
    const double edge = 2.0 * ratio - 1.0, factor = 1.0 - edge * edge * edge;
    memcpy(s->x, q->x1, sizeof(double) * (size_t)q->n);
    memcpy(s->g, q->g1, sizeof(double) * (size_t)q->n);
    s->value = value;
    s->grad_norm = hp_norm(s->g, q->n);
    q->damping *= factor > 1.0 / 3.0 ? fmin(factor, 2.0) : 1.0 / 3.0;
    q->growth = 2.0;
    q->known = 0;
}

/* Whether the gain drowns in the rounding of the value, which then says nothing, and the gradient falls. */
static int hp_damped_at_rounding(const hp_descent *s, double gain, double value, const double *g) {
    const double rounding = 1e-14 * fabs(s->value), slope = hp_dot(g, g, s->n), before = s->grad_norm * s->grad_norm;
    const int less = slope > 0.0 && before < INFINITY ? slope < 0.25 * before : hp_norm(g, s->n) < 0.5 * s->grad_norm;
    return gain < rounding && value <= s->value + rounding && less;
}

/* Whether a step would end behind the deadline, if it takes as long as the last one; of the first its matrix's price
   in gradients tells, which is below its time by up to a half. */
static int hp_damped_is_late(const hp_damped *q, const hp_descent *s) {
    const double takes = q->took > 0.0 ? q->took : 2.0 * q->pace * q->charge;
    return isfinite(s->set->deadline) && hp_now() + takes > s->set->deadline;
}

/* One accepted step; HP_STEP_TOO_SMALL or HP_CONVERGED where no damping gives one. */
static int hp_damped_step(hp_damped *q, hp_descent *s) {
    if (!q->known && (double)s->evaluations + q->owed + q->charge + 1.0 > (double)s->max_evaluations)
        return HP_BUDGET_SPENT;
    if (!q->known && hp_damped_is_late(q, s)) return HP_BUDGET_SPENT;
    if (!q->known) hp_damped_matrix(q, s);
    if (s->set->relative && s->step >= s->set->settled && hp_is_rounding(s)) return HP_CONVERGED;
    for (; q->trial < HP_DAMPED_TRIALS; q->trial++) {
        if (s->since == 0.0) return HP_RUNNING; /* to be called again */
        if (q->cholesky(q->B, q->n, q->damping, q->L, q->stride)) {
            const double gain = hp_damped_solve(q, s);
            if (isinf(q->boldest)) q->boldest = gain;
            for (int64_t i = 0; i < q->n; i++) q->x1[i] = s->x[i] + q->d[i];
            const double value = hp_evaluate(s, q->x1, q->g1), norm = hp_norm(q->g1, q->n);
            const double ratio = (s->value - value) / gain;
            const int better = ratio > 1e-4 && value < s->value;
            const int good = better || s->hit || hp_damped_at_rounding(s, gain, value, q->g1);
            if (isfinite(value) && isfinite(norm) && good) {
                hp_damped_accept(q, s, value, better ? ratio : 1.0);
                return HP_RUNNING;
            }
            if (s->evaluations >= s->max_evaluations) return HP_BUDGET_SPENT;
        }
        if (hp_stops(s->set)) return HP_STOPPED;
        if (hp_is_late(s) || hp_look_up(s) == HP_BUDGET_SPENT) return HP_BUDGET_SPENT;
        if (q->damping > q->most) break;
        q->damping = q->damping * q->growth + 1e-300;
        q->growth = fmin(2.0 * q->growth, 1e6);
    }
    return hp_no_step_left(s, q->boldest);
}

static int hp_damped_run(hp_damped *q, hp_descent *s) {
    if (s->evaluations == 0) q->known = 0, q->owed = 0.0;
    for (;;) {
        int status = HP_RUNNING;
        if (!s->fresh) {
            const double t = hp_at(s->set->t, s->step);
            if (s->evaluations == 0 || t != s->t) {
                const double begin = hp_now();
                s->t = t;
                s->value = hp_evaluate(s, s->x, s->g);
                s->grad_norm = hp_norm(s->g, s->n);
                q->known = 0;
                if (s->evaluations == 1) q->pace = hp_now() - begin, q->took = 0.0;
            }
            s->fresh = 1;
            q->trial = 0, q->boldest = INFINITY;
            status = hp_judge(s);
            if (status == HP_RUNNING && s->grad_norm == 0.0 && s->step >= s->set->settled) status = HP_CONVERGED;
            if (status == HP_RUNNING) status = hp_look_up(s);
            if (status != HP_RUNNING || hp_pauses(s)) return status;
        }
        const double begin = hp_now();
        if (s->grad_norm > 0.0) {
            status = hp_damped_step(q, s);
            if (status == HP_RUNNING && q->known) return HP_RUNNING; /* no step was accepted yet */
        }
        q->took = hp_now() - begin;
        if (status == HP_STEP_TOO_SMALL && s->step < s->set->settled) status = HP_RUNNING;
        if (status != HP_RUNNING) return status;
        s->step++;
        s->fresh = 0;
    }
}
#endif
