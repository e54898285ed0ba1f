/* What descent.pyx needs once per instruction set. */
#include "tiny_kernel.h"
#include "cholesky.h"
#include "lbfgs_sweeps.h"
static const hp_descent_table NAME(descent_table) = {NAME(cholesky), HP_TINY_OF};
#undef HP_TINY_OF
