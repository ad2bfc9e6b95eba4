/* Kernels for every processor of its kind: SSE2 on x86-64, NEON on arm64. */

#define KERNELS_NAME baseline
#define VECTOR_BYTES 16
#include "instructions.h"
