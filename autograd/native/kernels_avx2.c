/* Kernels for x86-64 with AVX2 and fused multiply-add. */

#if defined(__x86_64__) && defined(__GNUC__)
#include <math.h>
#include <string.h>
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define KERNELS_NAME avx2
#define VECTOR_BYTES 32
#include "instructions.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
