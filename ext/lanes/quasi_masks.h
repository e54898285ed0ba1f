/* Masks of the lanes of one vector: the machine's own where it has them, else vectors of all ones and zeros. They go by
   &, | and ~; between kernels they lie as bits. Included by quasi_block.h. */
#if HP_X86 && HP_BYTES == 64
typedef __mmask8 NAME(mask);
#define K NAME(mask)
AI K NAME(less)(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ); }
AI K NAME(most)(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LE_OQ); }
AI K NAME(equal)(V a, V b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_EQ_OQ); }
AI int NAME(bits_of)(K mask) { return mask; }
AI K NAME(mask_of)(int lanes) { return (K)lanes; }
AI V NAME(choose)(K mask, V yes, V no) { return (V)_mm512_mask_blend_pd(mask, (__m512d)no, (__m512d)yes); }
AI V NAME(only)(K mask, V x) { return (V)_mm512_maskz_mov_pd(mask, (__m512d)x); }
AI void NAME(put)(V *to, K mask, V x) { _mm512_mask_store_pd(to, mask, (__m512d)x); }
#else
typedef NAME(ivec) NAME(mask);
#define K NAME(mask)
AI K NAME(less)(V a, V b) { return (K)(a < b); }
AI K NAME(most)(V a, V b) { return (K)(a <= b); }
AI K NAME(equal)(V a, V b) { return (K)(a == b); }
AI int NAME(bits_of)(K mask) {
#if HP_X86 && HP_BYTES == 32
    return _mm256_movemask_pd((__m256d)mask);
#elif HP_X86
    return _mm_movemask_pd((__m128d)mask);
#else
    int all = 0;
    for (int i = 0; i < W; i++) all |= (mask[i] != 0) << i;
    return all;
#endif
}
AI K NAME(mask_of)(int lanes) {
    K bit, all = {0};
    for (int i = 0; i < W; i++) bit[i] = 1 << i;
    return (K)(((all + lanes) & bit) == bit);
}
AI V NAME(choose)(K mask, V yes, V no) { return NAME(pick)(mask, yes, no); }
AI V NAME(only)(K mask, V x) { return (V)(mask & (K)x); }
AI void NAME(put)(V *to, K mask, V x) { *to = NAME(pick)(mask, x, *to); }
#endif
AI K NAME(finite)(V x) { return NAME(equal)(x * 0.0, NAME(all)(0)); }
#define BITS(mask) NAME(bits_of)(mask)
#define MASK(name) NAME(mask_of)(q->name[c])
#define PICK(mask, yes, no) NAME(choose)(mask, yes, no)
#define PUT(row, mask, x) NAME(put)(&AT(row), mask, x)
