/* The rules that take one step for one gradient: gradient descent, momentum, Nesterov, Adam, Rprop. */
#ifndef HOMOTOPY_FIRSTORDER_H
#define HOMOTOPY_FIRSTORDER_H
#define T double
#define RULE(x) hp_number_##x
#define PICK(mask, yes, no) ((mask) ? (yes) : (no))
#define ROOT(x) sqrt(x)
#include "rule.h"

static inline void hp_update(hp_descent *s) {
    const hp_settings *set = s->set;
    if (set->rule == HP_ADAM) s->power1 *= set->beta1, s->power2 *= set->beta2;
    hp_number_step(set->rule, hp_pace_of(set, s->step == 0, s->power1, s->power2), s->n, 1,
                   s->step_size * hp_at(set->step, s->step), s->x, s->g, s->u, s->v);
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
