"""Pictures of terminals for the documents.

screenshots-terminal.py face CLIP      writes a clip of a drawn face, for the recorded camera
screenshots-terminal.py show FILE PNG  writes a picture of the screen after the output in FILE
"""
import sys

import pyte
from PIL import Image, ImageDraw, ImageFilter, ImageFont

COLUMNS, LINES = 80, 24
CELL = (10, 20)
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf"
BACKGROUND, TEXT = "#1e1e1e", "#e0e0e0"
# The names that pyte gives to the first sixteen colours.
NAMED = {
    "black": "#1e1e1e", "red": "#e06c75", "green": "#4ec46a", "brown": "#d8b04a",
    "blue": "#6fa8dc", "magenta": "#c586c0", "cyan": "#56b6c2", "white": "#e0e0e0",
    "brightblack": "#707070", "brightred": "#ff8791", "brightgreen": "#7ee08f",
    "brightbrown": "#f0d070", "brightblue": "#9cc9f0", "brightmagenta": "#e0a8dc",
    "brightcyan": "#86dbe4", "brightwhite": "#ffffff",
}
LEAVE_SCREEN = "\x1b[?1049l"


def colour(name, default):
    if name == "default":
        return default
    return NAMED.get(name) or f"#{name}"


def braille(draw, left, top, dots, ink):
    """Draws the eight dots of a cell: the bits of Unicode's block, column by column."""
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    for bit, (column, row) in enumerate(places):
        if dots >> bit & 1:
            x, y = left + 1 + column * 5, top + 1 + row * 5
            draw.rectangle((x, y, x + 2, y + 2), fill=ink)


def show(output, png):
    text = open(output, encoding="utf-8", errors="replace", newline="").read()
    # A program that leaves its screen has shown it until then.
    if LEAVE_SCREEN in text:
        text = text[: text.rindex(LEAVE_SCREEN)]
    screen = pyte.Screen(COLUMNS, LINES)
    pyte.Stream(screen).feed(text)
    width, height = CELL
    image = Image.new("RGB", (COLUMNS * width, LINES * height), BACKGROUND)
    draw = ImageDraw.Draw(image)
    fonts = [ImageFont.truetype(FONT.format(kind), 16) for kind in ("", "-Bold")]
    for row in range(LINES):
        for column in range(COLUMNS):
            cell = screen.buffer[row][column]
            ink, paper = colour(cell.fg, TEXT), colour(cell.bg, BACKGROUND)
            if cell.reverse:
                ink, paper = paper, ink
            left, top = column * width, row * height
            box = (left, top, left + width - 1, top + height - 1)
            draw.rectangle(box, fill=paper)
            sign = cell.data[:1]
            if sign == "\u2580":
                draw.rectangle((left, top, box[2], top + height // 2 - 1), fill=ink)
            elif "\u2800" <= sign <= "\u28ff":
                braille(draw, left, top, ord(sign) - 0x2800, ink)
            elif sign.strip():
                draw.text((left, top), sign, font=fonts[cell.bold], fill=ink)
    image.save(png, optimize=True)


def drawn_face(shift):
    """A face with light from above, in pixels of the camera, moved to the side by `shift`."""
    image = Image.new("RGB", (640, 480), "#b8c4c8")
    draw = ImageDraw.Draw(image)
    for line in range(480):
        shade = 200 - line // 8
        draw.line((0, line, 640, line), fill=(shade - 20, shade - 8, shade))
    x = 320 + shift

    def oval(centre_x, centre_y, across, down, fill):
        draw.ellipse((centre_x - across, centre_y - down, centre_x + across, centre_y + down), fill=fill)

    oval(x, 520, 190, 130, "#35507a")
    draw.rectangle((x - 42, 330, x + 42, 420), fill="#c79878")
    oval(x, 205, 116, 138, "#3a2a20")
    oval(x - 101, 245, 14, 28, "#cf9f80")
    oval(x + 101, 245, 14, 28, "#cf9f80")
    oval(x, 245, 98, 126, "#dfb08e")
    oval(x, 232, 84, 100, "#e8bd9c")
    draw.chord((x - 100, 105, x + 100, 240), 190, 350, fill="#3a2a20")
    for side in (-1, 1):
        eye = x + side * 38
        oval(eye, 228, 23, 15, "#c8957a")
        oval(eye, 230, 18, 9, "#f6f3ee")
        oval(eye, 230, 8, 8, "#4a3526")
        oval(eye, 230, 4, 4, "#100c0a")
        oval(eye + 3, 227, 2, 2, "#ffffff")
        draw.arc((eye - 20, 219, eye + 20, 243), 195, 345, fill="#2a1c14", width=3)
        draw.arc((eye - 27, 198, eye + 27, 232), 205, 335, fill="#38261b", width=7)
        oval(x + side * 52, 285, 20, 14, "#e2a98c")
    draw.polygon([(x - 7, 235), (x + 7, 235), (x + 17, 283), (x - 17, 283)], fill="#dca983")
    oval(x, 279, 18, 11, "#e3b18d")
    for side in (-1, 1):
        oval(x + side * 9, 286, 5, 3, "#8d5c46")
    draw.chord((x - 36, 300, x + 36, 336), 10, 170, fill="#a8524c")
    draw.chord((x - 36, 304, x + 36, 324), 180, 360, fill="#b8605a")
    draw.line((x - 34, 315, x + 34, 315), fill="#6e2f2c", width=3)
    return image.filter(ImageFilter.GaussianBlur(1.2))


def face(clip):
    with open(clip, "wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F15:1 Ip A1:1 C420jpeg\n")
        for number in range(30):
            shift = abs(number % 30 - 15) - 7
            frame = drawn_face(shift).convert("YCbCr")
            brightness, blue, red = frame.split()
            file.write(b"FRAME\n" + brightness.point(lambda value: 16 + value * 219 // 255).tobytes())
            for chroma in (blue, red):
                half = chroma.resize((320, 240), Image.Resampling.BOX)
                file.write(half.point(lambda value: 128 + (value - 128) * 224 // 255).tobytes())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["face", clip]:
            face(clip)
        case ["show", output, png]:
            show(output, png)
        case _:
            sys.exit(__doc__)
