/* Whether compiled loops should end early: one struct for the whole process.

   homotopy._core.interrupts owns the struct, and every compiled module with long loops points at it (halt.pxd). A loop
   asks hp_halted where it reads the clock anyway, or hp_glance as often as it likes; it then ends with whatever it
   has, and the function that Python called raises (look and check of halt.pxd). */
#ifndef HOMOTOPY_HALT_H
#define HOMOTOPY_HALT_H
#include <stdint.h>
#include "clock.h"
#ifndef Py_PYTHON_H /* of the interpreter, which the rest of a kernel's header has no need of */
extern unsigned long PyThread_get_thread_ident(void);
#endif

typedef struct {
    int asked;             /* somebody asks everything to end */
    int raised;            /* a signal's handler has raised in the main thread, and its error waits */
    unsigned long main;    /* the interpreter's main thread, the only one whose handlers run */
    void (*signals)(void); /* runs the handlers that are due; takes the GIL */
} hp_halt;

static hp_halt hp_halt_none;
static hp_halt *hp_halt_now = &hp_halt_none;

static inline void hp_halt_share(hp_halt *halt) { hp_halt_now = halt; }

/* A number that other threads write. */
#ifdef __GNUC__
static inline int hp_read(const int *number) { return __atomic_load_n(number, __ATOMIC_RELAXED); }
static inline void hp_write(int *number, int value) { __atomic_store_n(number, value, __ATOMIC_RELAXED); }
#else
static inline int hp_read(const int *number) { return *(const volatile int *)number; }
static inline void hp_write(int *number, int value) { *(volatile int *)number = value; }
#endif

static inline int hp_is_main(void) { return PyThread_get_thread_ident() == hp_halt_now->main; }

/* Whether this thread should end what it does. */
static inline int hp_halted(void) {
    return hp_read(&hp_halt_now->asked) || (hp_read(&hp_halt_now->raised) && hp_is_main());
}

/* When a loop last read the clock and last let signals be handled, and how often it is asked between; zero at first. */
typedef struct {
    double look, since;
    int64_t every, left;
} hp_watch;

/* Whether the loop should end. Reads the clock about every millisecond, and has the signals of the main thread handled
   every 50 ms, without the interpreter in between. */
static inline int hp_glance(hp_watch *watch) {
    if (--watch->left > 0) return 0;
    const double now = hp_now(), gap = now - watch->look;
    if (watch->every == 0) watch->every = 1, watch->since = now;
    else if (gap < 1e-3 && watch->every < 4096) watch->every *= 2;
    else if (gap > 1e-2 && watch->every > 1) watch->every /= 2;
    watch->left = watch->every, watch->look = now;
    if (now - watch->since > 0.05) {
        watch->since = now;
        if (hp_is_main() && hp_halt_now->signals) hp_halt_now->signals();
    }
    return hp_halted();
}

/* The same between the parts of one evaluation, where `more` of them follow: one that has a single part costs nothing. */
static inline int hp_ends(int more, hp_watch *watch) { return more && hp_glance(watch); }
#endif
