/* HP_BODY for one instruction set, in double and, where HP_SINGLE is defined, in float; see each_isa.h. */
#define HP_DOUBLE 1
#include "one_isa.h"
#undef HP_DOUBLE
#ifdef HP_SINGLE
#define HP_DOUBLE 0
#include "one_isa.h"
#undef HP_DOUBLE
#endif
#undef HP_SET
#undef HP_BYTES
