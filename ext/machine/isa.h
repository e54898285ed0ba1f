/* Which instruction set kernels use: the best that the machine has, or what the environment's HOMOTOPY_ISA names. */
#ifndef HOMOTOPY_ISA_H
#define HOMOTOPY_ISA_H
#include <stdlib.h>
#include <string.h>

#define HP_JOIN_(a, b) a##b
#define HP_JOIN(a, b) HP_JOIN_(a, b)

#if (defined(__GNUC__) || defined(__clang__)) && !defined(HP_NO_VECTORS)
#define HP_VECTORS 1
#else
#define HP_VECTORS 0
#endif
#if HP_VECTORS && defined(__x86_64__) && !defined(__clang__)
#define HP_X86 1
#else
#define HP_X86 0
#endif

enum { HP_ISA_V4, HP_ISA_V3, HP_ISA_BASE, HP_ISA_PLAIN, HP_N_ISAS };

/* What was made for an instruction set: name_v4, name_v3, name_base or name_plain. */
#if HP_X86
#define HP_OF_ISA(isa, name)                                                                                          \
    ((isa) == HP_ISA_V4     ? HP_JOIN(name, _v4)                                                                      \
     : (isa) == HP_ISA_V3   ? HP_JOIN(name, _v3)                                                                      \
     : (isa) == HP_ISA_BASE ? HP_JOIN(name, _base)                                                                    \
                            : HP_JOIN(name, _plain))
#elif HP_VECTORS
#define HP_OF_ISA(isa, name) ((isa) == HP_ISA_BASE ? HP_JOIN(name, _base) : HP_JOIN(name, _plain))
#else
#define HP_OF_ISA(isa, name) ((void)(isa), HP_JOIN(name, _plain))
#endif

/* The lanes of one vector, or of two one after the other, in the order of a vector of integers. Clang has no such
   function, and makes the same instructions of the loops where the order is a constant. */
#if HP_VECTORS && defined(__clang__)
#define HP_LANES_OF(v) ((int)(sizeof(v) / sizeof((v)[0])))
#define HP_SHUFFLE(a, ...)                                                                                            \
    ({                                                                                                                \
        const __typeof__(a) hp_from = (a);                                                                            \
        const __typeof__(__VA_ARGS__) hp_order = __VA_ARGS__;                                                         \
        __auto_type hp_to = (a);                                                                                      \
        for (int hp_i = 0; hp_i < HP_LANES_OF(hp_to); hp_i++) hp_to[hp_i] = hp_from[hp_order[hp_i]];                  \
        hp_to;                                                                                                        \
    })
#define HP_SHUFFLE2(a, b, ...)                                                                                        \
    ({                                                                                                                \
        const __typeof__(a) hp_first = (a), hp_second = (b);                                                          \
        const __typeof__(__VA_ARGS__) hp_order = __VA_ARGS__;                                                         \
        __auto_type hp_to = (a);                                                                                      \
        for (int hp_i = 0; hp_i < HP_LANES_OF(hp_to); hp_i++)                                                         \
            hp_to[hp_i] = hp_order[hp_i] < HP_LANES_OF(hp_to) ? hp_first[hp_order[hp_i]]                              \
                                                              : hp_second[hp_order[hp_i] - HP_LANES_OF(hp_to)];       \
        hp_to;                                                                                                        \
    })
#elif HP_VECTORS
#define HP_SHUFFLE(a, ...) __builtin_shuffle(a, __VA_ARGS__)
#define HP_SHUFFLE2(a, b, ...) __builtin_shuffle(a, b, __VA_ARGS__)
#endif

static const char *const hp_isa_names[HP_N_ISAS] = {"v4", "v3", "base", "plain"};

/* Whether this machine and this compiler have an instruction set. */
static inline int hp_isa_usable(int isa) {
#if HP_X86
    if (isa == HP_ISA_V4) return __builtin_cpu_supports("x86-64-v4") > 0;
    if (isa == HP_ISA_V3) return __builtin_cpu_supports("x86-64-v3") != 0;
#else
    if (isa == HP_ISA_V4 || isa == HP_ISA_V3) return 0;
#endif
    return isa == HP_ISA_BASE ? HP_VECTORS : isa == HP_ISA_PLAIN;
}

/* The instruction set of that name: -1 for an unknown name, -2 for one that the machine has not. NULL or an empty
   name asks for the best. */
static inline int hp_isa_named(const char *name) {
    for (int isa = 0; isa < HP_N_ISAS; isa++) {
        if (!name || !*name) {
            if (hp_isa_usable(isa)) return isa;
        } else if (!strcmp(name, hp_isa_names[isa])) {
            return hp_isa_usable(isa) ? isa : -2;
        }
    }
    return -1;
}
#endif
