/* What a module includes last: what Cython makes of the module itself, which runs once a call, is built for size. It is
   a third of all that is compiled, and a quarter less so. Not in mlp, where a call on a tiny net would take 7 % longer. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("Os")
#endif
