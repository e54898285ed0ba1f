/* Cholesky factorization and solution of dense systems. Included once per instruction set (each_isa.h). */
#if HP_BYTES
/* The dot products of one row with four rows that lie `stride` apart, all of length n. */
static void NAME(four_dots)(const double *a, const double *b, int64_t stride, int64_t n, double *out) {
    NAME(vec) s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, u, v0, v1, v2, v3;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        memcpy(&u, a + i, sizeof u);
        memcpy(&v0, b + i, sizeof u);
        memcpy(&v1, b + stride + i, sizeof u);
        memcpy(&v2, b + 2 * stride + i, sizeof u);
        memcpy(&v3, b + 3 * stride + i, sizeof u);
        s0 += u * v0;
        s1 += u * v1;
        s2 += u * v2;
        s3 += u * v3;
    }
    out[0] = out[1] = out[2] = out[3] = 0.0;
    for (int q = 0; q < LANES; q++) out[0] += s0[q], out[1] += s1[q], out[2] += s2[q], out[3] += s3[q];
    for (; i < n; i++) {
        out[0] += a[i] * b[i];
        out[1] += a[i] * b[stride + i];
        out[2] += a[i] * b[2 * stride + i];
        out[3] += a[i] * b[3 * stride + i];
    }
}
#else
static void NAME(four_dots)(const double *a, const double *b, int64_t stride, int64_t n, double *out) {
    for (int q = 0; q < 4; q++) {
        out[q] = 0.0;
        for (int64_t i = 0; i < n; i++) out[q] += a[i] * b[q * stride + i];
    }
}
#endif

/* Factorizes A + damping I = L L' from the lower triangle of A (n, n), row by row; the rows of L lie `stride` apart.
   Returns 0 where the matrix is not positive definite, or not finite. */
static int NAME(cholesky)(const double *A, int64_t n, double damping, double *L, int64_t stride) {
    double dots[4];
    for (int64_t i = 0; i < n; i++) {
        double *row = L + i * stride;
        int64_t j = 0;
        for (; j + 4 <= i; j += 4) {
            NAME(four_dots)(row, L + j * stride, stride, j, dots);
            for (int q = 0; q < 4; q++) {
                double sum = A[i * n + j + q] - dots[q];
                for (int r = 0; r < q; r++) sum -= row[j + r] * L[(j + q) * stride + j + r];
                row[j + q] = sum / L[(j + q) * stride + j + q];
            }
        }
        for (; j <= i; j++) {
            double sum = A[i * n + j] + (i == j ? damping : 0.0);
            for (int64_t k = 0; k < j; k++) sum -= row[k] * L[j * stride + k];
            if (i == j && !(sum > 0.0 && sum < INFINITY)) return 0;
            row[j] = i == j ? sqrt(sum) : sum / L[j * stride + j];
        }
    }
    return 1;
}
