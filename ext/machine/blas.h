/* Row-major products through BLAS; the table is filled at import from scipy.linalg.cython_blas (blas.pxd). */
#ifndef HOMOTOPY_BLAS_H
#define HOMOTOPY_BLAS_H
#include <stdint.h>

typedef struct {
    void (*dgemm)(char *, char *, int *, int *, int *, double *, double *, int *, double *, int *, double *, double *, int *);
    void (*sgemm)(char *, char *, int *, int *, int *, float *, float *, int *, float *, int *, float *, float *, int *);
    void (*dsyrk)(char *, char *, int *, int *, double *, double *, int *, double *, double *, int *);
} hp_blas_table;

static hp_blas_table hp_blas;

/* BLAS is column-major, so a row-major C = A B is asked of it as C' = B' A'. All matrices are packed.
   nt: C (m, n) = A (m, k) B' with B (n, k);  nn: C (m, n) = A (m, k) B (k, n);  tn: C (m, n) = A' B with A (k, m),
   B (k, n). The result replaces C where beta is 0 and is added to it where beta is 1. */
#define HP_GEMM(real, gemm, nt, nn, tn)                                                                               \
    static inline void nt(int m, int n, int k, const real *A, const real *B, real beta, real *C) {                    \
        real one = 1;                                                                                                 \
        hp_blas.gemm("T", "N", &n, &m, &k, &one, (real *)B, &k, (real *)A, &k, &beta, C, &n);                         \
    }                                                                                                                 \
    static inline void nn(int m, int n, int k, const real *A, const real *B, real beta, real *C) {                    \
        real one = 1;                                                                                                 \
        hp_blas.gemm("N", "N", &n, &m, &k, &one, (real *)B, &n, (real *)A, &k, &beta, C, &n);                         \
    }                                                                                                                 \
    static inline void tn(int m, int n, int k, const real *A, const real *B, real beta, real *C) {                    \
        real one = 1;                                                                                                 \
        hp_blas.gemm("N", "T", &n, &m, &k, &one, (real *)B, &n, (real *)A, &m, &beta, C, &n);                         \
    }
HP_GEMM(double, dgemm, nt_f64, nn_f64, tn_f64)
HP_GEMM(float, sgemm, nt_f32, nn_f32, tn_f32)
#undef HP_GEMM

/* The lower half of A A' added to C (m, m), A of m rows of k numbers that are `ahead` apart. */
static inline __attribute__((unused)) void hp_add_square(int64_t m, int64_t k, const double *A, int64_t ahead, double *C) {
    double one = 1;
    int rows = (int)m, columns = (int)k, stride = (int)ahead;
    hp_blas.dsyrk("U", "T", &rows, &columns, &one, (double *)A, &stride, &one, C, &rows);
}
#endif
