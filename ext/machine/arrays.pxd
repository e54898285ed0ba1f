"""Strict reading of ndarrays through the C API: the right type, order and shape, or one clear sentence; new arrays."""
cimport numpy as cnp


cdef inline object complaint(str name, object array, int typenum, tuple shape):
    from homotopy.errors import ArgumentError  # here: a .pxd brings no import into the modules that take it in
    dims = str(shape).replace("-1", "any")
    if not isinstance(array, cnp.ndarray):
        got = f"a {type(array).__name__}"
    else:
        order = "" if array.flags.c_contiguous else ", not C-contiguous"
        got = f"one of dtype {array.dtype} and shape {array.shape}{order}"
    wanted = cnp.PyArray_DescrFromType(typenum)
    return ArgumentError(f"{name} must be a C-contiguous {wanted} array of shape {dims}, not {got}")


cdef inline void *vector(object array, int typenum, Py_ssize_t n, str name) except NULL:
    """The data of a one-dimensional array of n numbers; n < 0 allows any number of them."""
    if (
        not cnp.PyArray_Check(array)
        or cnp.PyArray_TYPE(<cnp.ndarray>array) != typenum
        or cnp.PyArray_NDIM(<cnp.ndarray>array) != 1
        or (n >= 0 and cnp.PyArray_DIM(<cnp.ndarray>array, 0) != n)
        or not cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>array)
    ):
        raise complaint(name, array, typenum, (n,))
    return cnp.PyArray_DATA(<cnp.ndarray>array)


cdef inline void *matrix(object array, int typenum, Py_ssize_t rows, Py_ssize_t columns, str name) except NULL:
    """The data of a two-dimensional array; rows < 0 allows any number of them."""
    if (
        not cnp.PyArray_Check(array)
        or cnp.PyArray_TYPE(<cnp.ndarray>array) != typenum
        or cnp.PyArray_NDIM(<cnp.ndarray>array) != 2
        or (rows >= 0 and cnp.PyArray_DIM(<cnp.ndarray>array, 0) != rows)
        or cnp.PyArray_DIM(<cnp.ndarray>array, 1) != columns
        or not cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>array)
    ):
        raise complaint(name, array, typenum, (rows, columns))
    return cnp.PyArray_DATA(<cnp.ndarray>array)


cdef inline double *doubles(object array, Py_ssize_t n, str name) except NULL:
    """The data of n doubles; n < 0 allows any number of them."""
    return <double *>vector(array, cnp.NPY_DOUBLE, n, name)


cdef inline double *table(object array, Py_ssize_t rows, Py_ssize_t columns, str name) except NULL:
    """The data of a table of doubles; rows < 0 allows any number of them."""
    return <double *>matrix(array, cnp.NPY_DOUBLE, rows, columns, name)


cdef inline cnp.ndarray empty(int typenum, cnp.npy_intp n):
    return cnp.PyArray_SimpleNew(1, &n, typenum)


cdef inline cnp.ndarray empty2(int typenum, cnp.npy_intp n, cnp.npy_intp m):
    cdef cnp.npy_intp dims[2]
    dims[0] = n
    dims[1] = m
    return cnp.PyArray_SimpleNew(2, dims, typenum)


cdef inline cnp.ndarray new(cnp.npy_intp n):
    """Room for n doubles."""
    return cnp.PyArray_SimpleNew(1, &n, cnp.NPY_DOUBLE)


cdef inline double *data(cnp.ndarray array) noexcept:
    """The data of an array of doubles of our own."""
    return <double *>cnp.PyArray_DATA(array)


cdef inline cnp.ndarray frozen(cnp.ndarray array):
    """The array, from now on read-only."""
    cnp.PyArray_CLEARFLAGS(array, cnp.NPY_ARRAY_WRITEABLE)
    return array


cdef inline cnp.ndarray part(cnp.ndarray table, cnp.npy_intp begin, cnp.npy_intp end):
    """Rows begin to end - 1 of a C-contiguous table of doubles, read-only: a view, made without a slice object."""
    cdef cnp.npy_intp dims[2]
    dims[0], dims[1] = end - begin, cnp.PyArray_DIM(table, 1)
    cdef cnp.ndarray view = cnp.PyArray_SimpleNewFromData(2, dims, cnp.NPY_DOUBLE, data(table) + begin * dims[1])
    cnp.set_array_base(view, table)
    return frozen(view)
