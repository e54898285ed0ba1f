/* The functions of the teacher-student risk, once per instruction set. */
#ifndef HOMOTOPY_TEACHER_ISA_H
#define HOMOTOPY_TEACHER_ISA_H
#include "teacher.h"

typedef struct {
    double (*value_and_grad)(const hp_objective *, const double *, double, double *, void *);
    int (*hessian)(const hp_objective *, const double *, double, double *, void *);
    void (*hessp)(const hp_objective *, const double *, double, const double *, double *, void *);
    double (*dt)(const hp_objective *, const double *, double, void *);
    void (*dt_grad)(const hp_objective *, const double *, double, double *, void *);
    hp_many_function *value_and_grad_many; /* NULL without vectors */
    int width;                             /* students at once */
} ts_table;

#define HP_BODY "teacher_body.h"
#include "each_isa.h"

/* The functions for an instruction set (isa.h). */
static const ts_table *ts_choose(int isa) { return HP_OF_ISA(isa, &ts_functions_f64); }
#endif
