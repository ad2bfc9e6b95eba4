/* Kernels for x86-64 with AVX-512. */

#if defined(__x86_64__) && defined(__GNUC__)
#include <math.h>
#include <string.h>
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,fma")
#endif
#define KERNELS_NAME avx512
#define VECTOR_BYTES 64
#include "instructions.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
