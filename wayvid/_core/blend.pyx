# cython: language_level=3
"""Two pictures mixed into a third: scaled, turned and placed as an output wants them, GIL released.

Pixels are four bytes, B, G, R and one of no meaning (wl_shm's XRGB8888), rows top first.
"""

from libc.math cimport sqrt
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

# How the second picture comes.
FADE = 0
WIPE = 1
GROW = 2
WHOLE = 256  # only the second one is left

cdef enum:
    KIND_FADE = 0
    KIND_WIPE = 1
    KIND_GROW = 2
    ALL = 256
    MOST_PX = 65535
    ONE = 65536  # places in a picture are in 65536ths of a pixel
    SOFT_PARTS = 16  # the soft edge of wipe and grow is this part of the stage's width
    MOST_STAGE_PX = 10000000
    SCRATCH_ROWS = 6  # of each picture one as it goes into the mixture, and two of its own

cdef struct layer_t:
    const uint8_t *pixels
    Py_ssize_t stride
    int width, height               # of the whole picture
    int64_t left, top, right, bottom  # what may be read: the middles of the part's outermost pixels
    int x, y, wide, high            # where it goes
    int64_t u, v                    # place in the picture of the middle of the first pixel there
    int64_t du_dx, dv_dx, du_dy, dv_dy
    bint is_plain                   # pixel for pixel, not turned
    bint is_upright                 # a row of the mixture lies in two rows of the picture
    uint32_t *rows[2]               # rows of the picture as wide as it goes, the even and the odd one last made
    int64_t row_in[2]               # which ones these are; -1: none yet


cdef struct stage_t:
    double x, y, width, height      # from the mixture's upper left corner, in its pixels


cdef inline uint32_t between(uint32_t first, uint32_t second, uint32_t weight) noexcept nogil:
    """Both colours by weight, 0 .. 256, of the second; two channels at a time."""
    cdef uint32_t low = (first & 0xFF00FF) * (256 - weight) + (second & 0xFF00FF) * weight
    cdef uint32_t high = ((first >> 8) & 0xFF00FF) * (256 - weight) + ((second >> 8) & 0xFF00FF) * weight
    return ((low >> 8) & 0xFF00FF) | (high & <uint32_t>0xFF00FF00U)


cdef inline int64_t clamped(int64_t value, int64_t least, int64_t most) noexcept nogil:
    return least if value < least else most if value > most else value


cdef inline uint32_t sampled(const layer_t *layer, int64_t u, int64_t v) noexcept nogil:
    """The colour at a place, from the four pixels around it."""
    u = clamped(u, layer.left, layer.right)
    v = clamped(v, layer.top, layer.bottom)
    cdef int64_t column = u >> 16, row = v >> 16
    cdef uint32_t weight_u = <uint32_t>((u >> 8) & 255), weight_v = <uint32_t>((v >> 8) & 255)
    cdef int64_t next_column = column + 1 if column + 1 < layer.width else column
    cdef const uint32_t *upper = <const uint32_t *>(layer.pixels + row * layer.stride)
    cdef const uint32_t *lower = upper
    if row + 1 < layer.height:
        lower = <const uint32_t *>(layer.pixels + (row + 1) * layer.stride)
    return between(
        between(upper[column], upper[next_column], weight_u),
        between(lower[column], lower[next_column], weight_u),
        weight_v,
    )


cdef void mix_even(
    uint8_t *out, const uint8_t *first, const uint8_t *second, Py_ssize_t count, int weight
) noexcept nogil:
    """Bytes of both by the same weight; a loop that the C compiler makes vectors of."""
    cdef unsigned short keep = <unsigned short>(256 - weight), take = <unsigned short>weight
    cdef Py_ssize_t index
    for index in range(count):
        out[index] = <uint8_t>(<unsigned short>(first[index] * keep + second[index] * take) >> 8)


cdef const uint32_t *widened(layer_t *layer, int64_t row) noexcept nogil:
    """One row of the picture, as wide as it goes; made once for all rows of the mixture that want it."""
    cdef int slot = <int>(row & 1)
    cdef uint32_t *out = layer.rows[slot]
    cdef const uint32_t *source
    cdef int64_t u = layer.u, at, column, next_column
    cdef int x
    if layer.row_in[slot] == row:
        return out
    source = <const uint32_t *>(layer.pixels + row * layer.stride)
    for x in range(layer.wide):
        at = clamped(u, layer.left, layer.right)
        column = at >> 16
        next_column = column + 1 if column + 1 < layer.width else column
        out[x] = between(source[column], source[next_column], <uint32_t>((at >> 8) & 255))
        u += layer.du_dx
    layer.row_in[slot] = row
    return out


cdef const uint32_t *row_of(layer_t *layer, int y, int width, uint32_t *scratch) noexcept nogil:
    """One row of the mixture as this picture alone would have it; in scratch unless it lies elsewhere as it is."""
    cdef int64_t u, v, row
    cdef int x, weight
    if y < layer.y or y >= layer.y + layer.high:
        memset(scratch, 0, <size_t>width * 4)
        return scratch
    cdef const uint32_t *source
    if layer.is_plain:
        source = <const uint32_t *>(layer.pixels + ((layer.v >> 16) + y - layer.y) * layer.stride) + (layer.u >> 16)
        if layer.wide == width:
            return source
        memcpy(scratch + layer.x, source, <size_t>layer.wide * 4)
    elif layer.is_upright:
        v = clamped(layer.v + (y - layer.y) * layer.dv_dy, layer.top, layer.bottom)
        row, weight = v >> 16, <int>((v >> 8) & 255)
        source = widened(layer, row)
        if row + 1 < layer.height and weight:
            mix_even(
                <uint8_t *>(scratch + layer.x), <const uint8_t *>source, <const uint8_t *>widened(layer, row + 1),
                <Py_ssize_t>layer.wide * 4, weight,
            )
        elif layer.wide == width:
            return source
        else:
            memcpy(scratch + layer.x, source, <size_t>layer.wide * 4)
    else:
        u = layer.u + (y - layer.y) * layer.du_dy
        v = layer.v + (y - layer.y) * layer.dv_dy
        for x in range(layer.wide):
            scratch[layer.x + x] = sampled(layer, u, v)
            u += layer.du_dx
            v += layer.dv_dx
    memset(scratch, 0, <size_t>layer.x * 4)
    memset(scratch + layer.x + layer.wide, 0, <size_t>(width - layer.x - layer.wide) * 4)
    return scratch


cdef inline int weight_within(double inside_px, double soft_px) noexcept nogil:
    """How much of the second picture is seen so far within its edge."""
    if inside_px <= 0:
        return 0
    return ALL if inside_px >= soft_px else <int>(inside_px * ALL / soft_px)


cdef void mix_ramp(
    uint32_t *out, const uint32_t *first, const uint32_t *second, int width, int y, const stage_t *stage, int kind,
    int weight,
) noexcept nogil:
    """One row of a wipe or of a growing circle."""
    cdef double soft = stage.width / SOFT_PARTS + 1
    cdef double across = stage.x + stage.width / 2 - 0.5, down = y - stage.y - stage.height / 2 + 0.5
    cdef double reach = stage.width + soft, distance
    cdef double from_middle
    cdef int x
    if kind == KIND_GROW:
        reach = sqrt(stage.width * stage.width + stage.height * stage.height) / 2 + soft
    reach = reach * weight / ALL
    for x in range(width):
        if kind == KIND_WIPE:
            distance = x - stage.x
        else:
            from_middle = x - across
            distance = sqrt(from_middle * from_middle + down * down)
        out[x] = between(first[x], second[x], <uint32_t>weight_within(reach - distance, soft))


cdef int mix_all(
    uint8_t *out, Py_ssize_t stride, int width, int height, layer_t *before, layer_t *after,
    const stage_t *stage, int kind, int weight,
) except -1 nogil:
    cdef uint32_t *scratch = <uint32_t *>malloc(<size_t>width * 4 * SCRATCH_ROWS)
    cdef const uint32_t *first
    cdef const uint32_t *second
    cdef uint8_t *row
    cdef int y
    if scratch is NULL:
        with gil:
            raise MemoryError("no memory for some rows of a picture")
    before.rows[0], before.rows[1] = scratch + 2 * width, scratch + 3 * width
    after.rows[0], after.rows[1] = scratch + 4 * width, scratch + 5 * width
    for y in range(height):
        row = out + y * stride
        if kind == KIND_FADE and (weight == 0 or weight == ALL):  # one of them alone
            memcpy(row, row_of(after if weight else before, y, width, scratch), <size_t>width * 4)
            continue
        first = row_of(before, y, width, scratch)
        second = row_of(after, y, width, scratch + width)
        if kind == KIND_FADE:
            mix_even(row, <const uint8_t *>first, <const uint8_t *>second, <Py_ssize_t>width * 4, weight)
        else:
            mix_ramp(<uint32_t *>row, first, second, width, y, stage, kind, weight)
    free(scratch)
    return 0


cdef int fill_layer(
    layer_t *layer, const uint8_t[::1] pixels, shape, part, place, int rotation, int width, int height
) except -1:
    """Check a picture and where it goes, and see how to walk through it."""
    cdef int picture_width, picture_height
    cdef Py_ssize_t stride
    cdef double left, top, wide, high, step_x, step_y
    picture_width, picture_height, stride = shape
    left, top, wide, high = part
    layer.x, layer.y, layer.wide, layer.high = place
    if not (1 <= picture_width <= MOST_PX and 1 <= picture_height <= MOST_PX):
        raise ValueError(f"size {picture_width}x{picture_height} is not between 1 and {MOST_PX}")
    if stride % 4 or stride < <Py_ssize_t>picture_width * 4 or stride > MOST_PX * 8:
        raise ValueError(f"stride {stride} does not fit a width of {picture_width}")
    if pixels.shape[0] < stride * (picture_height - 1) + picture_width * 4:
        raise ValueError(f"{pixels.shape[0]} bytes are too few for {picture_height} rows of {stride}")
    if not (0 <= left and 0 <= top and wide > 0 and high > 0
            and left + wide <= picture_width + 0.01 and top + high <= picture_height + 0.01):
        raise ValueError(f"{part} is no part of a picture of {picture_width}x{picture_height}")
    cdef bint is_seen = layer.wide != 0 or layer.high != 0
    if not (0 <= layer.x < width and 0 <= layer.y < height
            and is_seen <= layer.wide <= width - layer.x and is_seen <= layer.high <= height - layer.y):
        raise ValueError(f"{place} does not lie in {width}x{height}")
    layer.pixels = &pixels[0]
    layer.stride = stride
    layer.width, layer.height = picture_width, picture_height
    # A part thinner than a pixel still has a middle.
    layer.left = clamped(<int64_t>(left * ONE), 0, <int64_t>(picture_width - 1) * ONE)
    layer.top = clamped(<int64_t>(top * ONE), 0, <int64_t>(picture_height - 1) * ONE)
    layer.right = clamped(<int64_t>((left + wide - 1) * ONE), layer.left, <int64_t>(picture_width - 1) * ONE)
    layer.bottom = clamped(<int64_t>((top + high - 1) * ONE), layer.top, <int64_t>(picture_height - 1) * ONE)
    layer.du_dx = layer.dv_dx = layer.du_dy = layer.dv_dy = 0
    layer.u = layer.v = 0
    layer.is_plain = False
    layer.is_upright = rotation == 0 or rotation == 180
    layer.row_in[0] = layer.row_in[1] = -1
    if not is_seen:
        return 0
    if rotation == 0 or rotation == 180:
        step_x, step_y = wide / layer.wide, high / layer.high
        layer.du_dx, layer.dv_dy = <int64_t>(step_x * ONE), <int64_t>(step_y * ONE)
        layer.u, layer.v = <int64_t>((left + step_x / 2 - 0.5) * ONE), <int64_t>((top + step_y / 2 - 0.5) * ONE)
        if rotation == 180:
            layer.u = <int64_t>((left + wide - step_x / 2 - 0.5) * ONE)
            layer.v = <int64_t>((top + high - step_y / 2 - 0.5) * ONE)
            layer.du_dx, layer.dv_dy = -layer.du_dx, -layer.dv_dy
    elif rotation == 90 or rotation == 270:
        step_x, step_y = high / layer.wide, wide / layer.high  # of the picture, for a step to the right and down
        layer.dv_dx, layer.du_dy = <int64_t>(step_x * ONE), <int64_t>(step_y * ONE)
        if rotation == 90:
            layer.u = <int64_t>((left + step_y / 2 - 0.5) * ONE)
            layer.v = <int64_t>((top + high - step_x / 2 - 0.5) * ONE)
            layer.dv_dx = -layer.dv_dx
        else:
            layer.u = <int64_t>((left + wide - step_y / 2 - 0.5) * ONE)
            layer.v = <int64_t>((top + step_x / 2 - 0.5) * ONE)
            layer.du_dy = -layer.du_dy
    else:
        raise ValueError(f"a picture cannot be turned by {rotation} degrees: 0, 90, 180 or 270")
    layer.is_plain = (
        rotation == 0 and wide == layer.wide and high == layer.high and left == <int>left and top == <int>top
        and left + wide <= picture_width and top + high <= picture_height
    )
    return 0


def blend(
    uint8_t[::1] out not None,
    shape,
    before,
    after,
    int kind,
    int weight,
    stage=None,
):
    """Write the mixture of two pictures.

    Args:
        out: writable; where to.
        shape: the mixture's width and height in pixels and the bytes from row to row.
        before: the first picture: its bytes, their shape (as above), the part of it that is seen (left, top, width and
            height in its pixels, fractions are meant), where that goes (the same four, whole pixels of the mixture; of
            no width and height: nowhere) and
            the degrees clockwise by which it is turned: 0, 90, 180, 270. Black is around it.
        after: the second one, likewise.
        kind: FADE; WIPE: it comes from the left; GROW: from the middle.
        weight: how far the second one has come, 0 .. WHOLE.
        stage: what it comes over: left, top, width and height in pixels of the mixture, which may be a part of it
            or lie beside it. None: the mixture.

    Raises:
        ValueError: a number is out of range, or a picture larger than its bytes.
        MemoryError: there is none for six rows.

    Threads: any; the GIL is released. The pictures may not be written meanwhile.
    """
    cdef int width, height
    cdef Py_ssize_t stride
    cdef layer_t first, second
    cdef stage_t over
    width, height, stride = shape
    if not (1 <= width <= MOST_PX and 1 <= height <= MOST_PX):
        raise ValueError(f"size {width}x{height} is not between 1 and {MOST_PX}")
    if stride % 4 or stride < <Py_ssize_t>width * 4 or stride > MOST_PX * 8:
        raise ValueError(f"stride {stride} does not fit a width of {width}")
    if out.shape[0] < stride * (height - 1) + width * 4:
        raise ValueError(f"{out.shape[0]} bytes are too few for {height} rows of {stride}")
    if not 0 <= weight <= ALL:
        raise ValueError(f"weight {weight} is not between 0 and {ALL}")
    if not KIND_FADE <= kind <= KIND_GROW:
        raise ValueError(f"kind {kind} is not between {KIND_FADE} and {KIND_GROW}")
    over.x, over.y, over.width, over.height = stage or (0, 0, width, height)
    if not (-MOST_STAGE_PX <= over.x <= MOST_STAGE_PX and -MOST_STAGE_PX <= over.y <= MOST_STAGE_PX
            and 0 < over.width <= MOST_STAGE_PX and 0 < over.height <= MOST_STAGE_PX):
        raise ValueError(f"{stage} is nothing to go over")
    cdef const uint8_t[::1] before_pixels = before[0]
    cdef const uint8_t[::1] after_pixels = after[0]
    fill_layer(&first, before_pixels, before[1], before[2], before[3], before[4], width, height)
    fill_layer(&second, after_pixels, after[1], after[2], after[3], after[4], width, height)
    cdef uint8_t *target = &out[0]
    with nogil:
        mix_all(target, stride, width, height, &first, &second, &over, kind, weight)
