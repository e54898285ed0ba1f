/* What descent.pyx needs once per instruction set. */
#include "tiny_kernel.h"
#include "cholesky.h"
