/* Memory on a boundary of 64 bytes that free releases. Windows has none; malloc's lies on 16 bytes there, as the widest
   vectors do that are made there (isa.h). */
#ifndef HOMOTOPY_ALIGNED_H
#define HOMOTOPY_ALIGNED_H
#include <stdlib.h>
#ifdef _WIN32
#define aligned_alloc(boundary, bytes) malloc(bytes)
#endif
#endif
