/* tanh and the logistic function by one quotient, for blocks of many numbers: faster than those of vmath.h, and as exact
   but for results below 1e-304. Doubles only; included once per instruction set, after the vector mathematics. */
#define V NAME(vec)
#define VI NAME(ivec)
#define INLINE static inline __attribute__((always_inline, unused))

/* e^r = (1 + d + h)/(1 + d - h) with h = r/2 and d = h coth h - 1, an even function: a polynomial of half the terms
   that e^r needs. These are the coefficients of d/h^2 in h^2 for |r| <= ln 2/2. */
static const double NAME(coth)[] = {
    0x1.5555555555553p-2, -0x1.6c16c16c0abf9p-6, 0x1.1566ab5c1473dp-9, -0x1.bbd532227cf4dp-13, 0x1.63f27409701ecp-16,
};

/* d, in few operations behind each other. */
INLINE V NAME(coth_tail)(V h) {
    const double *c = NAME(coth);
    const V h2 = h * h, h4 = h2 * h2;
    return h4 * (h4 * (h2 * c[4] + c[3]) + (h2 * c[2] + c[1])) + h2 * c[0];
}

/* With 2 |z| = k ln 2 + 2 h, tanh |z| is n/(n + 1 + d - h) with n = (2^k - 1)/2 (1 + d + h) + h, where nothing cancels.
   ln 2 in one piece is enough: what is lost of h counts less the larger z is. Adding `magic` leaves k + 1022 in the low
   bits, the exponent of 2^k/2. */
INLINE V NAME(block_tanh_of)(V z) {
    const double magic = TYPE(constants).magic + 1022.0;
    const V y = NAME(below)(NAME(magnitude)(z), 22.0);
    const V shifted = y * (2.0 * TYPE(constants).log2e) + magic, k = shifted - magic;
    const V h = y - k * 0x1.62e42fefa39efp-2, d = NAME(coth_tail)(h);
    const V s = (V)((NAME(uvec))shifted << 52) - 0.5, n = s + (s * (d + h) + h);
    return (V)((VI)(n / (n + (1.0 + (d - h)))) | NAME(sign)(z));
}

/* With z = k ln 2 + 2 h and s = 2^k the logistic function is n/(n + 1 + d - h) with n = s (1 + d + h). */
INLINE V NAME(block_logistic_of)(V z) {
    const double magic = TYPE(constants).magic + 1023.0;
    const V y = NAME(above)(NAME(below)(z, 700.0), -700.0);
    const V shifted = y * TYPE(constants).log2e + magic, k = shifted - magic;
    const V h = (0.5 * y - k * (0.5 * TYPE(constants).ln2_hi)) - k * (0.5 * TYPE(constants).ln2_lo);
    const V d = NAME(coth_tail)(h), s = (V)((NAME(uvec))shifted << 52), n = s * (d + h) + s;
    return n / (1.0 + (n + (d - h)));
}
#undef INLINE
#undef VI
#undef V
