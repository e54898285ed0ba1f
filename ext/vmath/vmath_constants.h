/* Constants of the vector mathematics: near-minimax polynomials, fitted with mpmath, lowest coefficient first. */
#ifndef HOMOTOPY_VMATH_CONSTANTS_H
#define HOMOTOPY_VMATH_CONSTANTS_H

/* Every function: its name, whether its range is limited to half_pi_limit, and the library's that takes over there. */
#define HP_VMATH(X)                                                                                                   \
    X(tanh, 0, tanh) X(exp, 0, exp) X(expm1, 0, expm1) X(logistic, 0, exp) X(softplus, 0, exp) X(log1p, 0, log1p)     \
    X(erf, 0, erf) X(sin, 1, sin) X(cos, 1, cos) X(acos, 0, acos)

#define HP_VMATH_CONSTANTS(real, name, N_EXP, N_ERF, N_ERFCX, N_LOG, N_SIN, N_COS, N_ASIN)                            \
    typedef struct {                                                                                                  \
        real log2e, ln2_hi, ln2_lo, magic;  /* adding magic rounds to an integer that stands in the low bits */       \
        real exp_min, exp_max, tanh_max, expm1_min;                                                                   \
        real two_over_pi, half_pi[4], half_pi_limit, erf_centre;                                                      \
        real exp[N_EXP];     /* (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2 */                                            \
        real erf[N_ERF];     /* erf(x) / x in x^2, |x| <= 1 */                                                        \
        real erfcx[N_ERFCX]; /* erfc(x) e^(x^2) in 1/(x + 2) - erf_centre, x >= 1 */                                  \
        real log[N_LOG];     /* (log((1 + s)/(1 - s)) - 2 s) / s^3 in s^2, |s| <= 0.1716 */                           \
        real sin[N_SIN];     /* (sin(r)/r - 1) / r^2 in r^2, |r| <= pi/4 */                                           \
        real cos[N_COS];     /* (cos(r) - 1 + r^2/2) / r^4 in r^2 */                                                  \
        real asin[N_ASIN];   /* (asin(s)/s - 1) / s^2 in s^2, s <= 1/2 */                                             \
    } name;
HP_VMATH_CONSTANTS(double, hp_constants_f64, 10, 12, 17, 8, 7, 6, 14)
HP_VMATH_CONSTANTS(float, hp_constants_f32, 6, 7, 7, 4, 4, 3, 6)
#undef HP_VMATH_CONSTANTS

static const hp_constants_f64 constants_f64 = {
    .log2e = 0x1.71547652b82fep+0,
    .ln2_hi = 0x1.62e42feep-1,
    .ln2_lo = 0x1.a39ef35793c76p-33,
    .magic = 0x1.8p+52,
    .exp_min = -746,
    .exp_max = 710,
    .tanh_max = 44,
    .expm1_min = -50,
    .two_over_pi = 0x1.45f306dc9c883p-1,
    .half_pi = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69, 0x1.b839a252049c1p-104},
    .half_pi_limit = 1e6,
    .erf_centre = 0x1.d555555555555p-3,
    .exp = {
      0x1p-1, 0x1.5555555555556p-3, 0x1.5555555553d63p-5, 0x1.11111111109b3p-7, 0x1.6c16c1788bd9p-10,
      0x1.a01a01a7c41d5p-13, 0x1.a019b90d2ae7ap-16, 0x1.71de0dae63bb3p-19, 0x1.289185613a3d6p-22,
      0x1.af38a9b0ec855p-26,
    },
    .erf = {
      0x1.20dd750429b6dp+0, -0x1.812746b0379c1p-2, 0x1.ce2f21a040f66p-4, -0x1.b82ce31203772p-6,
      0x1.565bccfa44156p-8, -0x1.c02db0665e53dp-11, 0x1.f9a2be4f731a1p-14, -0x1.f4ca838adb73bp-17,
      0x1.b981d78881a5dp-20, -0x1.5c131500d3f88p-23, 0x1.d76af6ca49787p-27, -0x1.ac9585a44fe29p-31,
    },
    .erfcx = {
      0x1.c57cd9cd3f3a9p-3, 0x1.8ddea0419f38p+0, 0x1.c6e106001c029p+1, 0x1.3c74c4a51a871p+2,
      0x1.aca523a394e84p+0, -0x1.a59ad7577beeep+2, -0x1.6fbbf78ecc1dp+2, 0x1.dc0304e576c44p+3,
      0x1.796df91a42736p+3, -0x1.841ddcc046facp+5, -0x1.f4e50f2475c39p+1, 0x1.4f139c61369c2p+7,
      -0x1.4944b6620f4bcp+7, -0x1.b74f86c4770ecp+8, 0x1.387c8acc5f14p+10, 0x1.02e368d3dca3p+8,
      -0x1.30be46f379823p+12,
    },
    .log = {
      0x1.5555555555555p-1, 0x1.9999999999a38p-2, 0x1.2492492476ba1p-2, 0x1.c71c72017a15cp-3,
      0x1.745cf8f6c9119p-3, 0x1.3b1c38474d3eep-3, 0x1.0fbe478772696p-3, 0x1.0c06cf14c641bp-3,
    },
    .sin = {
      -0x1.5555555555555p-3, 0x1.111111111111p-7, -0x1.a01a01a019921p-13, 0x1.71de3a545dd92p-19,
      -0x1.ae64540e0633bp-26, 0x1.61217b49ad79ap-33, -0x1.ab159dc3b3c21p-41,
    },
    .cos = {
      0x1.5555555555555p-5, -0x1.6c16c16c1695ep-10, 0x1.a01a019f4c9c5p-16, -0x1.27e4fa1529574p-22,
      0x1.1eeb661c764f3p-29, -0x1.907b9fa75dee8p-37,
    },
    .asin = {
      0x1.5555555555555p-3, 0x1.3333333333388p-4, 0x1.6db6db6dac1ep-5, 0x1.f1c71c7a52ba3p-6,
      0x1.6e8ba123e494cp-6, 0x1.1c4efce23019fp-6, 0x1.c990ad3d8fdcap-7, 0x1.7b027ee1dd585p-7,
      0x1.3b49de7121487p-7, 0x1.31622469ce5adp-7, 0x1.8f193743418ffp-9, 0x1.406192d124629p-6,
      -0x1.3b416bb7d9257p-6, 0x1.e529c6fce9bb4p-6,
    },
};

static const hp_constants_f32 constants_f32 = {
    .log2e = 0x1.715476p+0f,
    .ln2_hi = 0x1.62e4p-1f,
    .ln2_lo = 0x1.7f7d1cp-20f,
    .magic = 0x1.8p+23f,
    .exp_min = -104.5f,
    .exp_max = 89,
    .tanh_max = 20,
    .expm1_min = -30,
    .two_over_pi = 0x1.45f306p-1f,
    .half_pi = {0x1.92p+0f, 0x1.fb4p-12f, 0x1.444p-24f, 0x1.68c234p-39f},
    .half_pi_limit = 1e4f,
    .erf_centre = 0x1p-2f,
    .exp = {
      0x1p-1f, 0x1.555556p-3f, 0x1.5554e8p-5f, 0x1.1110ep-7f, 0x1.6d43f4p-10f, 0x1.a125aap-13f,
    },
    .erf = {
      0x1.20dd74p+0f, -0x1.81273ep-2f, 0x1.ce2d1p-4f, -0x1.b7fabap-6f, 0x1.54127p-8f, -0x1.a45088p-11f,
      0x1.4a569p-14f,
    },
    .erfcx = {
      0x1.058672p-2f, 0x1.b5703ep+0f, 0x1.eeea7ep+1f, 0x1.437446p+2f, 0x1.e9359ep-1f, -0x1.be5ff8p+2f,
      -0x1.b75728p+1f,
    },
    .log = {
      0x1.555556p-1f, 0x1.9999ecp-2f, 0x1.245c38p-2f, 0x1.ddd172p-3f,
    },
    .sin = {
      -0x1.555556p-3f, 0x1.11110ep-7f, -0x1.a013ap-13f, 0x1.6dbb5cp-19f,
    },
    .cos = {
      0x1.555554p-5f, -0x1.6c12cep-10f, 0x1.9bd5d8p-16f,
    },
    .asin = {
      0x1.555554p-3f, 0x1.33343p-4f, 0x1.6d5bbap-5f, 0x1.fd8da2p-6f, 0x1.18f91ep-6f, 0x1.13fed4p-5f,
    },
};
#endif
