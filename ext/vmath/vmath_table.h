/* The body that vmath.pyx includes once per instruction set: the array functions in the order of hp_functions. */
static void (*const NAME(table)[])(int64_t, const real *, real *) = {
    NAME(v_tanh), NAME(v_exp), NAME(v_expm1), NAME(v_logistic), NAME(v_softplus),
    NAME(v_log1p), NAME(v_erf), NAME(v_sin), NAME(v_cos), NAME(v_acos),
};
