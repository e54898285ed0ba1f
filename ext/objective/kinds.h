/* Values of hp_objective.kind: what the struct behind hp_objective.data is, for batched kernels that know it. */
#ifndef HOMOTOPY_KINDS_H
#define HOMOTOPY_KINDS_H
enum {
    HP_KIND_OPAQUE = 0,
    HP_KIND_RISK = 1,    /* hp_risk of ext/net/mlp.h, float64 */
    HP_KIND_TEACHER = 2, /* the population risk of ext/teacher/teacher.h */
    HP_KIND_FAMILY = 3,    /* hp_family of ext/objective/family.h, made of other objectives */
};
#endif
