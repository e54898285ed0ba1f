# How sequences are laid out for the kernels; a part of rnn.pyx.

# Samples of a tile: a step's states of 128 units stand in the first-level cache then, 32 KiB. Those of all steps are to
# stand in the second-level one with tiles twice as large, which take 3 to 9 % less time.
TILE = 32
LARGE = 1024


def _stride_of(n, numbers, quantum):
    """Return the samples of a tile (int), of n samples with some numbers each: the tiles are about alike."""
    tiles = -(-max(n, 1) // (2 * TILE if numbers <= LARGE else TILE))
    return -(-max(n, 1) // (tiles * quantum)) * quantum


class _Tiles:
    """The places of n samples in tiles with the samples contiguous.

    Parameters
    ----------
    n, numbers : int
        Samples, and the units of all steps of one.
    dtype : dtype
        Of the net.
    """

    def __init__(self, n, numbers, dtype):
        self.n = n
        self.dtype = np.dtype(dtype)
        self.quantum = 64 // self.dtype.itemsize
        self.stride = _stride_of(n, numbers, self.quantum)
        self.begins = range(0, n, self.stride)
        self.padded = -(-n // self.quantum) * self.quantum

    def pack(self, rows, order=None):
        """Return rows (n, ...), in an order, as a flat array: tile by tile, samples last, padded with zeros."""
        rows = rows if order is None else rows[order]
        each = rows[0].size if len(rows) else 0
        flat = np.zeros(self.padded * each, self.dtype)
        for begin in self.begins if each else ():
            part = np.moveaxis(rows[begin : begin + self.stride], 0, -1).reshape(each, -1)
            self.part(flat, begin, each)[:, : part.shape[1]] = part
        return flat

    def unpack(self, flat, shape):
        """Return what `pack` was given, of shape (n, *shape)."""
        out = np.empty((self.n, *shape), self.dtype)
        each = int(np.prod(shape))
        for begin in self.begins:
            rows = out[begin : begin + self.stride]
            tile = self.part(flat, begin, each)[:, : len(rows)]
            rows[...] = np.moveaxis(tile.reshape(*shape, len(rows)), -1, 0)
        return out

    def part(self, flat, begin, each):
        """Return one tile of a flat array, shape (each, width): a view."""
        end = min(begin + self.stride, self.padded)
        return flat[begin * each : end * each].reshape(each, end - begin)


cdef class _Batch:
    """Sequences in tiles, and what counts of them, as hp_rnn_risk has it."""

    cdef hp_rnn_risk risk
    cdef readonly object tiles, kept, order

    def __init__(self, Net net, X, state, weights, Y=None):
        """Lay out X (n, T, d), the initial states (n, s) or None, what each step counts (n, T), and Y (n, T, k)."""
        n, T = X.shape[:2]
        dtype = X.dtype
        last = np.where(weights > 0, np.arange(1, T + 1), 0).max(axis=1, initial=0)
        order = np.argsort(-last, kind="stable")  # tiles of like lengths
        tiles = _Tiles(n, net.net.h * T, dtype)
        mask = np.arange(1, T + 1) <= last[:, None]
        inputs = np.ones((n, T, X.shape[2] + 1), dtype)
        inputs[:, :, :-1] = np.where(mask[:, :, None], X, 0)
        largest = weights.max(initial=0.0)
        weights = weights / (largest if largest > 0 else 1.0)
        ends = np.array([last[order[begin]] for begin in tiles.begins], np.int64)
        flags = np.zeros((len(ends), T), np.uint8)
        for i, begin in enumerate(tiles.begins):
            members = order[begin : begin + tiles.stride]
            flags[i] = np.where((weights[members] > 0).any(axis=0), HP_COUNTS, 0)
            shortest = 0 if len(members) % tiles.quantum else last[members].min()  # 0: padding
            flags[i] |= np.where(np.arange(1, T + 1) > shortest, HP_ENDED, 0).astype(np.uint8)
        self.tiles, self.order = tiles, order
        totals = weights.sum(axis=0)
        arrays = {
            "X": tiles.pack(inputs, order),
            "weights": tiles.pack(weights, order),
            "last": tiles.pack(last, order),
            "ends": ends,
            "flags": flags,
            "totals": totals,
        }
        if Y is not None:
            arrays["Y"] = tiles.pack(np.where((weights > 0)[:, :, None], Y, 0), order)
        if state is not None:
            arrays["given"] = tiles.pack(state, order)
        self.kept = arrays
        self.risk.net = net.net
        self.risk.n, self.risk.T = n, T
        self.risk.stride, self.risk.quantum = tiles.stride, tiles.quantum
        self.risk.total = totals.sum()
        self.risk.X = pointer(arrays["X"])
        self.risk.weights = pointer(arrays["weights"])
        self.risk.last = pointer(arrays["last"])
        self.risk.ends = <const int64_t *>pointer(ends)
        self.risk.flags = <const unsigned char *>pointer(flags)
        self.risk.totals = <const double *>pointer(totals)
        self.risk.Y = pointer(arrays["Y"]) if Y is not None else NULL
        self.risk.given = pointer(arrays["given"]) if state is not None else NULL


cdef void *pointer(cnp.ndarray array):
    return cnp.PyArray_DATA(array)
