/* What many runs note while they go on together, in the order of time, and given back to each of them. */
#ifndef HOMOTOPY_NOTED_H
#define HOMOTOPY_NOTED_H
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double *rows; /* (start, evaluations, value); whoever holds it frees it */
    int64_t n, room;
    int failed; /* there was no memory for a row */
} hp_noted;

static void hp_note(hp_noted *r, int64_t id, double evaluations, double value) {
    if (r->n == r->room) {
        const int64_t room = r->room ? 2 * r->room : 1024;
        double *grown = realloc(r->rows, (size_t)room * 3 * sizeof(double));
        if (grown == NULL) {
            r->failed = 1;
            return;
        }
        r->rows = grown, r->room = room;
    }
    double *at = r->rows + 3 * r->n++;
    at[0] = (double)(id), at[1] = evaluations, at[2] = value;
}

/* Sorts the rows by start, in each start's order of time: those of start i begin at cuts[i - begin]. */
static void hp_noted_sort(const hp_noted *noted, int64_t begin, int64_t end, int64_t *cuts, double *out) {
    const int64_t r = end - begin;
    memset(cuts, 0, (size_t)(r + 1) * sizeof(int64_t));
    for (int64_t i = 0; i < noted->n; i++) cuts[(int64_t)noted->rows[3 * i] - begin + 1]++;
    for (int64_t i = 0; i < r; i++) cuts[i + 1] += cuts[i];
    for (int64_t i = 0; i < noted->n; i++) {
        const int64_t at = cuts[(int64_t)noted->rows[3 * i] - begin]++;
        out[2 * at] = noted->rows[3 * i + 1], out[2 * at + 1] = noted->rows[3 * i + 2];
    }
    for (int64_t i = r; i > 0; i--) cuts[i] = cuts[i - 1];
    cuts[0] = 0;
}
#endif
