/* Monotonic seconds, from nowhere in particular. */
#ifndef HOMOTOPY_CLOCK_H
#define HOMOTOPY_CLOCK_H
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN /* else it gives names like `small` to other things */
#define NOMINMAX
#include <windows.h>

static inline double hp_now(void) {
    LARGE_INTEGER ticks, rate;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&rate);
    return (double)ticks.QuadPart / (double)rate.QuadPart;
}
#else
#include <time.h>

static inline double hp_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
#endif
#endif
