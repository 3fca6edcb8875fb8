"""shot.py FILE: writes a PNG of the screen of the first graphics card. Needs root."""
import ctypes
import fcntl
import mmap
import struct
import sys
import zlib

CARD = "/dev/dri/card0"
# From the kernel's drm.h and drm_mode.h: the number of each request and its structure's layout.
RESOURCES = (0xA0, "4Q8I")
CONTROLLER = (0xA1, "Q7I68s")
FRAMEBUFFER = (0xAD, "7I")
MAP_BUFFER = (0xB3, "2IQ")


def ask(card, request, *fields):
    """Returns the structure as the kernel filled it in."""
    number, layout = request
    given = struct.pack(layout, *fields)
    read_and_write = 3 << 30 | len(given) << 16 | ord("d") << 8 | number
    return struct.unpack(layout, fcntl.ioctl(card, read_and_write, given))


def controllers(card):
    """Returns the ids of the display controllers (CRTCs).

    The structure has an address and a count for each of four kinds of object."""
    count = ask(card, RESOURCES, *[0] * 12)[5]
    numbers = (ctypes.c_uint32 * count)()
    ask(card, RESOURCES, 0, ctypes.addressof(numbers), 0, 0, 0, count, *[0] * 6)
    return numbers


def rows(card):
    """Returns the width and the rows of the screen. Each pixel is blue, green, red and padding."""
    for number in controllers(card):
        framebuffer = ask(card, CONTROLLER, 0, 0, number, 0, 0, 0, 0, 0, bytes(68))[3]
        if framebuffer:
            _, width, height, stride, _, _, handle = ask(card, FRAMEBUFFER, framebuffer, *[0] * 6)
            offset = ask(card, MAP_BUFFER, handle, 0, 0)[2]
            with mmap.mmap(card.fileno(), stride * height, prot=mmap.PROT_READ, offset=offset) as memory:
                return width, [memory[row * stride : row * stride + width * 4] for row in range(height)]
    sys.exit("nothing is shown")


def png(width, rows):
    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    lines = bytearray()
    for row in rows:
        line = bytearray(width * 3)
        line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
        lines += b"\0" + line
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(lines)))
        + chunk(b"IEND", b"")
    )


with open(CARD, "r+b", buffering=0) as card:
    picture = png(*rows(card))
with open(sys.argv[1], "wb") as file:
    file.write(picture)
