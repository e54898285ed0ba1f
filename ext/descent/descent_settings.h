/* What descents are told, and where they write how they ended. */
#ifndef HOMOTOPY_DESCENT_SETTINGS_H
#define HOMOTOPY_DESCENT_SETTINGS_H
#include <stdint.h>
#include "halt.h"

enum { HP_GD, HP_MOMENTUM, HP_NESTEROV, HP_ADAM, HP_RPROP, HP_LBFGS, HP_LM, HP_NEWTON };
enum {
    HP_RUNNING,
    HP_REACHED_TARGET,
    HP_CONVERGED,
    HP_MAX_STEPS,
    HP_STEP_TOO_SMALL,
    HP_NON_FINITE,
    HP_BUDGET_SPENT,
    HP_STOPPED
};

/* A number that depends on the step: entry (step >> shift) of a table, the last entry from there on. */
typedef struct {
    const double *values;
    int64_t last;
    int shift;
} hp_table;

static inline double hp_at(hp_table table, int64_t step) {
    int64_t i = step >> table.shift;
    return table.values[i < table.last ? i : table.last];
}

typedef struct {
    int rule, memory;
    double beta1, beta2, epsilon;          /* momentum and Adam; grow and shrink of Rprop in beta1 and beta2 */
    double smallest, largest;              /* bounds of Rprop's steps */
    double clip;                           /* the longest gradient that a rule of fixed steps sees; 0: any */
    int64_t n_steps;
    hp_table step, t, noise;               /* factors of the step size, homotopy parameter, noise amplitudes */
    int noise_gaussian;
    int64_t noise_period;                  /* 0: no noise */
    int64_t settled;                       /* the step from which t no longer changes */
    int plain;                             /* nobody states the units of the variables and of the value */
    int relative;                          /* gradient_tolerance is one of the largest norm met, not of 1 */
    double gradient_tolerance, plateau_drop;
    int64_t plateau_window;                /* 0: no plateau test */
    int64_t record_every, pause_every;     /* 0: never */
    double deadline;                       /* monotonic seconds */
    int *stop;                             /* another thread asks these descents to stop */
} hp_settings;

/* Whether these descents, or everything, should end. */
static inline int hp_stops(const hp_settings *set) { return hp_read(set->stop) || hp_halted(); }

/* The caller's arrays, indexed by start. */
typedef struct {
    double *x;
    const uint64_t *keys;
    const double *step_sizes, *targets;
    const int64_t *limits;
    int64_t *codes, *n_steps, *n_evaluations, *hits;
    double *values, *grad_norms;
    double *traces; /* (starts, records, 2), or NULL */
    int64_t records;
} hp_arrays;
#endif
