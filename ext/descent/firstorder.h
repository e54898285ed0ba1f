/* The rules that take one step for one gradient: gradient descent, momentum, Nesterov, Adam, Rprop. */
#ifndef HOMOTOPY_FIRSTORDER_H
#define HOMOTOPY_FIRSTORDER_H
#include "descent.h"

static inline void hp_update_gd(hp_descent *s, double h) {
    double *restrict x = s->x;
    const double *restrict g = s->g;
    for (int64_t i = 0; i < s->n; i++) x[i] -= h * g[i];
}

static inline void hp_update_momentum(hp_descent *s, double h, double beta) {
    double *restrict x = s->x, *restrict u = s->u;
    const double *restrict g = s->g;
    for (int64_t i = 0; i < s->n; i++) {
        u[i] = beta * u[i] + g[i];
        x[i] -= h * u[i];
    }
}

static inline void hp_update_nesterov(hp_descent *s, double h, double beta) {
    double *restrict x = s->x, *restrict u = s->u;
    const double *restrict g = s->g;
    for (int64_t i = 0; i < s->n; i++) {
        u[i] = beta * u[i] + g[i];
        x[i] -= h * (g[i] + beta * u[i]);
    }
}

/* Kingma and Ba (2015), algorithm 1. */
static inline void hp_update_adam(hp_descent *s, double h) {
    const hp_settings *set = s->set;
    double *restrict x = s->x, *restrict u = s->u, *restrict v = s->v;
    const double *restrict g = s->g;
    double b1 = set->beta1, b2 = set->beta2;
    s->power1 *= b1;
    s->power2 *= b2;
    double c1 = 1.0 / (1.0 - s->power1), c2 = 1.0 / (1.0 - s->power2);
    for (int64_t i = 0; i < s->n; i++) {
        u[i] = b1 * u[i] + (1.0 - b1) * g[i];
        v[i] = b2 * v[i] + (1.0 - b2) * g[i] * g[i];
        x[i] -= h * (c1 * u[i]) / (sqrt(c2 * v[i]) + set->epsilon);
    }
}

/* Igel and Huesken (2003), iRprop-: after a change of sign the step shrinks and the coordinate rests once. */
static inline void hp_update_rprop(hp_descent *s, double h) {
    const hp_settings *set = s->set;
    double *x = s->x, *size = s->u, *last = s->v;
    for (int64_t i = 0; i < s->n; i++) {
        double g = s->g[i], turn = g * last[i], step = s->step == 0 ? h : size[i];
        if (turn > 0) step = fmin(step * set->beta1, set->largest);
        if (turn < 0) step = fmax(step * set->beta2, set->smallest), g = 0.0;
        size[i] = step;
        last[i] = g;
        x[i] -= g > 0 ? step : g < 0 ? -step : 0.0;
    }
}

static inline void hp_update(hp_descent *s) {
    double h = s->step_size * hp_at(s->set->step, s->step);
    switch (s->set->rule) {
    case HP_GD: hp_update_gd(s, h); break;
    case HP_MOMENTUM: hp_update_momentum(s, h, s->set->beta1); break;
    case HP_NESTEROV: hp_update_nesterov(s, h, s->set->beta1); break;
    case HP_ADAM: hp_update_adam(s, h); break;
    default: hp_update_rprop(s, h);
    }
}

/* Noise on the variables after every `period` steps. */
static inline void hp_disturb(hp_descent *s) {
    const hp_settings *set = s->set;
    if (!set->noise_period || s->step % set->noise_period) return;
    double amplitude = hp_at(set->noise, s->step);
    if (amplitude == 0.0) return;
    if (set->noise_gaussian) hp_add_gaussian(&s->stream, amplitude, s->x, s->n);
    else hp_add_uniform(&s->stream, amplitude, s->x, s->n);
}

static int hp_firstorder_run(hp_descent *s) {
    for (;;) {
        if (!s->fresh) {
            s->t = hp_at(s->set->t, s->step);
            s->value = hp_evaluate(s, s->x, s->g);
            s->grad_norm = sqrt(hp_dot(s->g, s->g, s->n));
            s->fresh = 1;
            int status = hp_judge(s);
            if (status == HP_RUNNING) status = hp_look_up(s);
            if (status != HP_RUNNING || hp_pauses(s)) return status;
        }
        hp_update(s);
        s->step++;
        s->fresh = 0;
        hp_disturb(s);
    }
}
#endif
