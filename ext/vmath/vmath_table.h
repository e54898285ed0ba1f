/* The body that vmath.pyx includes once per instruction set: the array functions in the order of hp_functions. */
#define ENTRY(function, ...) NAME(v_##function),
static void (*const NAME(table)[])(int64_t, const real *, real *) = {HP_VMATH(ENTRY)};
#undef ENTRY
