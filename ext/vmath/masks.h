/* Masks of the lanes of one vector: the machine's own where it has them, else vectors of all ones and zeros. They go
   by &, | and ~, and as bits between kernels. Included once per instruction set, after the vector mathematics.

   less, most, equal    a < b, a <= b, a == b; false for NaN
   finite               neither infinite nor NaN
   choose               `yes` where the mask is set, else `no`
   only                 x where the mask is set, else zero
   put                  writes x to memory where the mask is set
   bits_of, mask_of     lane i is bit i */
#define V NAME(vec)
#define K NAME(mask)
#define INLINE static inline __attribute__((always_inline, unused))
#if HP_X86 && HP_BYTES == 64
typedef __mmask8 K;
INLINE K NAME(less)(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ); }
INLINE K NAME(most)(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LE_OQ); }
INLINE K NAME(equal)(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_EQ_OQ); }
INLINE V NAME(choose)(K mask, V yes, V no) { return (V)_mm512_mask_blend_pd(mask, (__m512d)no, (__m512d)yes); }
INLINE V NAME(only)(K mask, V x) { return (V)_mm512_maskz_mov_pd(mask, (__m512d)x); }
INLINE void NAME(put)(V *to, K mask, V x) { _mm512_mask_store_pd(to, mask, (__m512d)x); }
INLINE int NAME(bits_of)(K mask) { return mask; }
INLINE K NAME(mask_of)(int lanes) { return (K)lanes; }
#else
typedef NAME(ivec) K;
INLINE K NAME(less)(V a, V b) { return (K)(a < b); }
INLINE K NAME(most)(V a, V b) { return (K)(a <= b); }
INLINE K NAME(equal)(V a, V b) { return (K)(a == b); }
INLINE V NAME(choose)(K mask, V yes, V no) { return NAME(pick)(mask, yes, no); }
INLINE V NAME(only)(K mask, V x) { return (V)(mask & (K)x); }
INLINE void NAME(put)(V *to, K mask, V x) { *to = NAME(pick)(mask, x, *to); }
INLINE int NAME(bits_of)(K mask) {
#if HP_X86 && HP_BYTES == 32
    return _mm256_movemask_pd((__m256d)mask);
#elif HP_X86
    return _mm_movemask_pd((__m128d)mask);
#else
    int all = 0;
    for (int i = 0; i < LANES; i++) all |= (mask[i] != 0) << i;
    return all;
#endif
}
INLINE K NAME(mask_of)(int lanes) {
    K bit, all = {0};
    for (int i = 0; i < LANES; i++) bit[i] = 1 << i;
    return (K)(((all + lanes) & bit) == bit);
}
#endif
INLINE K NAME(finite)(V x) { return NAME(equal)(x * 0.0, NAME(all)(0)); }
#undef INLINE
#undef K
#undef V
