/* Signs c that make |A c - b|^2 small, a closest-vector problem, for many systems of one shape.

   Up to ten signs are all tried. More are found by rounding the least-squares solution, turning one or two signs at a
   time while that helps, and doing the same from random signs until the tolerance is met; the neighbors of the best,
   with one sign turned, are candidates too. homotopy/homotopies/units/signs.py says the same in NumPy.

   Here are the arrays and the list of the best; signs_body.h holds the loops, once per instruction set. */
#ifndef HOMOTOPY_SIGNS_H
#define HOMOTOPY_SIGNS_H
#include "halt.h"
#include "philox.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { HP_SIGNS_ALL = 10 }; /* up to so many signs are all tried */

/* Squares that differ by less than this, over |b|^2 + |A|^2, are equal: rounding cannot tell them apart. Below this
   over |A|^2 a square is zero, and b counts as at least as long. */
static const double HP_ALIKE = 1e-12;
/* The ridge of the least-squares solution, over the mean square of the columns, and what counts as zero in it. */
static const double HP_RIDGE = 1e-10, HP_NOTHING = 1e-4;

typedef struct {
    int64_t m, n;             /* the length of b; signs */
    int64_t best, most;       /* sign vectors that are kept, at least 2; random restarts at most */
    double tolerance;
    const double *units;      /* systems x n x m: the columns of A */
    const double *b;
    int64_t step;             /* from one system's b to the next: m, or 0 where all share it */
    hp_philox *streams;       /* one a system, or NULL where nothing is drawn */
    double *signs, *residual; /* systems x best x n, best first, and systems x best: infinite where there is none */
    double *made, *scans;     /* random restarts, and looks at all flips */
    hp_watch *watch;
} hp_search;

/* What is known of one system; rows are padded to np, a multiple of eight. */
typedef struct {
    int64_t n, np, best;
    double *turned, *gram, *factor;             /* A by rows, m x np; A'A and a changed copy of it, np x np */
    double *target, *c, *slopes, *own, *single; /* A'b; signs; A'A c - A'b; diagonal of A'A; change by one flip */
    double *squares;                            /* of all sign vectors */
    double total, trace, scale, alike;          /* |b|^2; |A|^2; what residuals are relative to; equal squares */
    double *signs, *kept;                       /* the best so far, and their squares */
    hp_watch *watch;
} hp_signs;

static inline int64_t hp_signs_round(int64_t n) { return n < 3 ? 8 : (n + 7) & ~(int64_t)7; }

static int64_t hp_signs_doubles(const hp_search *S) {
    const int64_t np = hp_signs_round(S->n), all = S->n <= HP_SIGNS_ALL ? (int64_t)1 << (S->n < 3 ? 3 : S->n) : 0;
    return S->m * np + 2 * np * np + 5 * np + all;
}

static hp_signs hp_signs_layout(const hp_search *S, double *room) {
    const int64_t np = hp_signs_round(S->n);
    hp_signs w = {.n = S->n, .np = np, .best = S->best, .watch = S->watch};
    w.turned = room, room += S->m * np;
    w.gram = room, w.factor = room + np * np, room += 2 * np * np;
    w.target = room, w.c = room + np, w.slopes = room + 2 * np, w.own = room + 3 * np;
    w.single = room + 4 * np, w.squares = room + 5 * np;
    return w;
}

/* Puts a sign vector among the best unless it is there; of those that rounding cannot tell apart the first comes first.
   Its square is what A'A c - A'b says, w->slopes. */
static void hp_signs_offer(hp_signs *w, const double *c, double square) {
    int64_t at = w->best;
    if (!(square < w->kept[at - 1] - w->alike)) return;
    for (int64_t i = 0; i < w->best && w->kept[i] < INFINITY; i++)
        if (!memcmp(w->signs + i * w->n, c, (size_t)w->n * sizeof *c)) return;
    while (at > 0 && square < w->kept[at - 1] - w->alike) at--;
    const int64_t behind = w->best - 1 - at;
    memmove(w->signs + (at + 1) * w->n, w->signs + at * w->n, (size_t)(behind * w->n) * sizeof *c);
    memmove(w->kept + at + 1, w->kept + at, (size_t)behind * sizeof *c);
    memcpy(w->signs + at * w->n, c, (size_t)w->n * sizeof *c);
    w->kept[at] = square;
}

#define HP_BODY "signs_body.h"
#include "each_isa.h"

/* Searches one system; descends from w->c and returns the number of moves. */
typedef struct {
    void (*search)(const hp_search *, int64_t, double *);
    int64_t (*descend)(hp_signs *);
} hp_signs_table;

#define HP_TABLE(set) {signs_search_f64_##set, signs_descend_f64_##set}
static const hp_signs_table hp_signs_tables[HP_N_ISAS] = {
#if HP_X86
    [HP_ISA_V4] = HP_TABLE(v4), [HP_ISA_V3] = HP_TABLE(v3),
#endif
#if HP_VECTORS
    [HP_ISA_BASE] = HP_TABLE(base),
#endif
    [HP_ISA_PLAIN] = HP_TABLE(plain),
};
#undef HP_TABLE
#endif
