/* The search for signs. Included once per instruction set (each_isa.h); loops over eight are one vector of it, or a
   few. */
#include "cholesky.h"

/* A'A, A'b and the sizes; returns 0 where a number is not finite, or a square would not be. */
static int NAME(signs_products)(const hp_search *S, const double *units, const double *b, hp_signs *w) {
    const int64_t m = S->m, n = S->n, np = w->np;
    memset(w->turned, 0, (size_t)(m * np) * sizeof(double));
    memset(w->gram + n * np, 0, (size_t)((np - n) * np) * sizeof(double));
    for (int64_t j = 0; j < n; j++)
        for (int64_t a = 0; a < m; a++) w->turned[a * np + j] = units[j * m + a];
    for (int64_t i = 0; i < n; i += 4) {
        const double *u0 = units + i * m, *u1 = i + 1 < n ? u0 + m : u0, *u2 = i + 2 < n ? u1 + m : u0;
        const double *u3 = i + 3 < n ? u2 + m : u0;
        double *row = w->gram + i * np;
        for (int64_t v = 0; v < np; v += 8) {
            double s0[8] = {0}, s1[8] = {0}, s2[8] = {0}, s3[8] = {0};
            for (int64_t a = 0; a < m; a++) {
                const double *t = w->turned + a * np + v;
                for (int l = 0; l < 8; l++) {
                    s0[l] += u0[a] * t[l];
                    s1[l] += u1[a] * t[l];
                    s2[l] += u2[a] * t[l];
                    s3[l] += u3[a] * t[l];
                }
            }
            memcpy(row + v, s0, sizeof s0);
            if (i + 1 < n) memcpy(row + np + v, s1, sizeof s1);
            if (i + 2 < n) memcpy(row + 2 * np + v, s2, sizeof s2);
            if (i + 3 < n) memcpy(row + 3 * np + v, s3, sizeof s3);
        }
    }
    memset(w->target, 0, (size_t)np * sizeof(double));
    w->total = w->trace = 0.0;
    for (int64_t a = 0; a < m; a++) {
        w->total += b[a] * b[a];
        for (int64_t j = 0; j < np; j++) w->target[j] += b[a] * w->turned[a * np + j];
    }
    for (int64_t i = 0; i < n; i++) w->trace += w->gram[i * np + i];
    w->alike = HP_ALIKE * (w->total + w->trace);
    w->scale = fmax(w->total, HP_ALIKE * w->trace);
    return 16.0 * (double)n * (w->total + w->trace) < INFINITY;
}

/* The slopes A'A c - A'b, and the square |A c - b|^2. */
static double NAME(signs_slopes)(hp_signs *w) {
    const int64_t n = w->n, np = w->np;
    double square = w->total;
    for (int64_t j = 0; j < np; j++) w->slopes[j] = -w->target[j];
    for (int64_t i = 0; i < n; i++) {
        const double *row = w->gram + i * np, c = w->c[i];
        for (int64_t j = 0; j < np; j++) w->slopes[j] += c * row[j];
    }
    for (int64_t i = 0; i < n; i++) square += w->c[i] * (w->slopes[i] - w->target[i]);
    return square;
}

/* The squares of all sign vectors: those of the last three signs in lanes, the others by a Gray code. Number p + l
   2^(n-3) has a minus where a bit is set; its square lies at 8 p + l. */
static void NAME(signs_all)(hp_signs *w) {
    const int n = w->n < 3 ? 3 : (int)w->n, low = n - 3;
    const int64_t np = w->np;
    double g[HP_SIGNS_ALL - 3 + 3][8], value[8], c[HP_SIGNS_ALL];
    for (int l = 0; l < 8; l++) value[l] = w->total;
    for (int j = 0; j < n; j++) {
        const double *row = w->gram + j * np;
        double fixed = -w->target[j];
        for (int i = 0; i < low; i++) fixed += row[i];
        for (int l = 0; l < 8; l++) {
            const double sign = j >= low && l >> (j - low) & 1 ? -1.0 : 1.0;
            double slope = fixed;
            for (int q = 0; q < 3; q++) slope += (l >> q & 1 ? -row[low + q] : row[low + q]);
            g[j][l] = slope;
            value[l] += sign * (slope - w->target[j]);
        }
        c[j] = 1.0;
    }
    int64_t p = 0;
    for (int64_t k = 1;; k++) {
        memcpy(w->squares + 8 * p, value, sizeof value);
        if (k == (int64_t)1 << low) break;
        const int f = __builtin_ctzll((uint64_t)k);
        const double *row = w->gram + f * np, own = 4.0 * row[f], back = -4.0 * c[f], twice = -2.0 * c[f];
        for (int l = 0; l < 8; l++) value[l] += own + back * g[f][l];
        for (int j = 0; j < low; j++)
            for (int l = 0; l < 8; l++) g[j][l] += twice * row[j];
        c[f] = -c[f];
        p ^= (int64_t)1 << f;
    }
    if (w->n < 3) /* signs that are not there have no minus */
        for (int l = 1 << w->n; l < 8; l++) w->squares[l] = INFINITY;
}

/* Keeps the best of all sign vectors; of those that rounding cannot tell apart the one of the lowest number. */
static void NAME(signs_pick)(hp_signs *w) {
    const int n = w->n < 3 ? 3 : (int)w->n;
    const int64_t rows = (int64_t)1 << (n - 3);
    for (int64_t number = 0; number < w->best && number < (int64_t)1 << w->n; number++) {
        double low[8], lowest = INFINITY;
        for (int l = 0; l < 8; l++) low[l] = INFINITY;
        for (int64_t p = 0; p < rows; p++)
            for (int l = 0; l < 8; l++) low[l] = w->squares[8 * p + l] < low[l] ? w->squares[8 * p + l] : low[l];
        for (int l = 0; l < 8; l++) lowest = low[l] < lowest ? low[l] : lowest;
        const double limit = lowest + w->alike;
        for (int l = 0; l < 8; l++) {
            if (low[l] > limit) continue;
            int64_t p = 0;
            while (w->squares[8 * p + l] > limit) p++;
            const int64_t vector = p + l * rows;
            w->kept[number] = w->squares[8 * p + l];
            for (int j = 0; j < w->n; j++) w->signs[number * w->n + j] = vector >> j & 1 ? -1.0 : 1.0;
            w->squares[8 * p + l] = INFINITY;
            break;
        }
    }
}

static void NAME(signs_flip)(hp_signs *w, int64_t i) {
    const double twice = 2.0 * w->c[i], *row = w->gram + i * w->np;
    for (int64_t j = 0; j < w->np; j++) w->slopes[j] -= twice * row[j];
    w->c[i] = -w->c[i];
}

/* Turns one or two signs at a time while the square falls; returns how many moves were made. */
static int64_t NAME(signs_descend)(hp_signs *w) {
    const int64_t n = w->n, np = w->np;
    const double floor = -HP_ALIKE * w->trace;
    int64_t moves = 0;
    NAME(signs_slopes)(w);
    for (; moves < 1000 * n; moves++) {
        double best = floor;
        int64_t first = -1, second = -1;
        for (int64_t i = 0; i < n; i++) {
            w->single[i] = 4.0 * (w->gram[i * np + i] - w->c[i] * w->slopes[i]);
            if (w->single[i] < best) best = w->single[i], first = i;
        }
        for (int64_t i = 1; i < n; i++) {
            const double *row = w->gram + i * np, own = w->single[i], eight = 8.0 * w->c[i];
            double low[8], lowest = INFINITY;
            for (int l = 0; l < 8; l++) low[l] = INFINITY;
            int64_t v = 0;
            for (; v + 8 <= i; v += 8)
                for (int l = 0; l < 8; l++) {
                    const double change = own + w->single[v + l] + eight * w->c[v + l] * row[v + l];
                    low[l] = change < low[l] ? change : low[l];
                }
            for (; v < i; v++) {
                const double change = own + w->single[v] + eight * w->c[v] * row[v];
                low[0] = change < low[0] ? change : low[0];
            }
            for (int l = 0; l < 8; l++) lowest = low[l] < lowest ? low[l] : lowest;
            if (!(lowest < best)) continue;
            best = lowest, first = i, second = 0;
            while (own + w->single[second] + eight * w->c[second] * row[second] > best) second++;
        }
        if (first < 0) break;
        NAME(signs_flip)(w, first);
        if (second >= 0) NAME(signs_flip)(w, second);
    }
    return moves;
}

/* The signs of the least-squares solution with a small ridge; plus where that says nothing. */
static void NAME(signs_rounded)(hp_signs *w) {
    const int64_t n = w->n, np = w->np;
    double *L = w->factor, *y = w->single, largest = 0.0;
    for (int64_t i = 0; i < n; i++) w->c[i] = 1.0;
    if (!NAME(cholesky)(w->gram, np, HP_RIDGE * w->trace / (double)n, L, np)) return;
    for (int64_t i = 0; i < np; i++) {
        double sum = w->target[i];
        for (int64_t k = 0; k < i; k++) sum -= L[i * np + k] * y[k];
        y[i] = sum / L[i * np + i];
    }
    for (int64_t i = np - 1; i >= 0; i--) {
        y[i] /= L[i * np + i];
        for (int64_t k = 0; k < i; k++) y[k] -= L[i * np + k] * y[i];
    }
    for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(y[i]));
    for (int64_t i = 0; i < n; i++) w->c[i] = y[i] < -HP_NOTHING * largest ? -1.0 : 1.0;
}

/* Descents from the rounded solution and from random signs, and the neighbors of the best. */
static void NAME(signs_restarts)(const hp_search *S, hp_philox *stream, hp_signs *w, double *made, double *scans) {
    const double limit = S->tolerance * w->scale + HP_ALIKE * w->trace;
    NAME(signs_rounded)(w);
    for (int64_t number = 0;; number++) {
        *scans += 1.0 + (double)NAME(signs_descend)(w);
        const double square = NAME(signs_slopes)(w);
        hp_signs_offer(w, w->c, square);
        *made = (double)number;
        if (square <= limit || number == S->most || !stream) break;
        for (int64_t i = 0; i < w->n; i++) w->c[i] = hp_philox_bits32(stream) >> 31 ? 1.0 : -1.0;
    }
    memcpy(w->c, w->signs, (size_t)w->n * sizeof(double));
    const double square = NAME(signs_slopes)(w);
    for (int64_t i = 0; i < w->n; i++) {
        const double change = 4.0 * (w->gram[i * w->np + i] - w->c[i] * w->slopes[i]);
        w->c[i] = -w->c[i];
        hp_signs_offer(w, w->c, square + change);
        w->c[i] = -w->c[i];
    }
}

/* Searches one system; none is found where a number is not finite. */
static void NAME(signs_search)(const hp_search *S, int64_t run, double *room) {
    hp_signs w = hp_signs_layout(S, room);
    w.signs = S->signs + run * S->best * S->n, w.kept = S->residual + run * S->best;
    for (int64_t i = 0; i < S->best * S->n; i++) w.signs[i] = 1.0;
    for (int64_t i = 0; i < S->best; i++) w.kept[i] = INFINITY;
    S->made[run] = S->scans[run] = 0.0;
    if (!NAME(signs_products)(S, S->units + run * S->n * S->m, S->b + run * S->step, &w)) return;
    if (S->n <= HP_SIGNS_ALL) {
        NAME(signs_all)(&w);
        NAME(signs_pick)(&w);
    } else {
        NAME(signs_restarts)(S, S->streams ? S->streams + run : NULL, &w, S->made + run, S->scans + run);
    }
    const double scale = fmax(w.scale, 1e-300);
    for (int64_t i = 0; i < S->best; i++) w.kept[i] = w.kept[i] > 0.0 ? w.kept[i] / scale : 0.0;
}
