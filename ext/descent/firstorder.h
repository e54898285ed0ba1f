/* The rules that take one step for one gradient: gradient descent, momentum, Nesterov, Adam, Rprop. */
#ifndef HOMOTOPY_FIRSTORDER_H
#define HOMOTOPY_FIRSTORDER_H
#define T double
#define RULE(x) hp_number_##x
#define PICK(mask, yes, no) ((mask) ? (yes) : (no))
#define ROOT(x) sqrt(x)
#include "rule.h"

/* Shortens a gradient that is longer than `clip`; its norm stays as it was found. */
static inline void hp_clip(hp_descent *s) {
    const double clip = s->set->clip;
    if (!(clip > 0 && s->grad_norm > clip)) return;
    const double share = clip / s->grad_norm;
    for (int64_t i = 0; i < s->n; i++) s->g[i] *= share;
}

static inline void hp_update(hp_descent *s) {
    const hp_settings *set = s->set;
    hp_clip(s);
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

/* Works until it wants an evaluation at `at` (HP_ASKS), ends, or should be looked after (HP_RUNNING). `fresh` is 1
   where the gradient at x has been told, and 2 where it has been judged too. */
static int hp_firstorder_ask(hp_descent *s) {
    if (s->fresh == 1) {
        s->fresh = 2;
        int status = hp_judge(s);
        if (status == HP_RUNNING) status = hp_look_up(s);
        if (status != HP_RUNNING || hp_pauses(s)) return status;
    }
    if (s->fresh) {
        hp_update(s);
        s->step++;
        s->fresh = 0;
        hp_disturb(s);
    }
    s->t = hp_at(s->set->t, s->step);
    s->at = s->x;
    s->to = s->g;
    return HP_ASKS;
}

/* Hands over the value at x; the gradient there has been written. */
static void hp_firstorder_tell(hp_descent *s, double value) {
    s->evaluations++;
    hp_note_hit(s, value);
    s->value = value;
    /* A gradient whose square is too large for a double is one to be clipped, too. */
    s->grad_norm = s->set->clip > 0 ? hp_norm(s->g, s->n) : sqrt(hp_dot(s->g, s->g, s->n));
    s->fresh = 1;
}

static int hp_firstorder_run(hp_descent *s) {
    for (;;) {
        const int status = hp_firstorder_ask(s);
        if (status != HP_ASKS) return status;
        hp_firstorder_tell(s, s->objective->value_and_grad(s->objective, s->at, s->t, s->to, s->work));
    }
}
#endif
