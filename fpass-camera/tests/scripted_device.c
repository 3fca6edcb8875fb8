/* Video devices that follow a script, as a library that is preloaded into a program. The variable
 * SCRIPTED_DEVICE names the script. It has one statement in each line:
 *
 *   node PATH DRIVER BUS CAPABILITIES    a device; the capabilities are hexadecimal
 *   start MILLISECONDS                   time from the start of the stream to its first frame
 *   dates MICROSECONDS PER_MILLION       error of the dates of frames, and its growth with time
 *   privacy VALUE                        what the control for privacy reads
 *   rotation odd                         a control for the rotation, of a kind that nobody knows
 *   empty EVERY                          one frame in EVERY has no bytes
 *   fail REQUEST ERRNO [CODE]            this request fails, in the format CODE or in all
 *   format CODE [WIDTHxHEIGHT@RATE]      a format of the last node; without a size, the driver
 *                                        lists none
 *   shade VALUE                          brightness of the pictures of the last format
 *   picture FILE                         the bytes of its pictures instead
 *
 * A device that is open is a timer, which becomes readable with each frame. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NODES 8
#define FORMATS 8
#define FAILURES 8
#define BUFFERS 4
#define ROOM (4 << 20)
#define FDS 1024

struct format {
  unsigned code, width, height, rate, shade;
  char picture[256];
};

struct failure {
  unsigned long request;
  int error;
  unsigned code;
};

struct node {
  char path[64], driver[16], bus[32];
  unsigned caps, formats, failures, start, empty, privacy;
  int has_privacy, odd_rotation;
  long error, drift;
  struct format format[FORMATS];
  struct failure failure[FAILURES];
};

struct stream {
  struct node *node;
  struct format *format;
  unsigned width, height, rate, queue[BUFFERS], head, length, count, sequence;
  int memory;
  long long begun;
};

static struct node nodes[NODES];
static unsigned node_count;
static struct stream *streams[FDS];

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static unsigned code_of(const char *word) {
  char code[4] = {' ', ' ', ' ', ' '};
  for (int i = 0; i < 4 && word[i]; i++)
    code[i] = word[i];
  return v4l2_fourcc(code[0], code[1], code[2], code[3]);
}

static unsigned long request_of(const char *name) {
  static const struct {
    const char *name;
    unsigned long request;
  } known[] = {{"FRAMESIZES", VIDIOC_ENUM_FRAMESIZES}, {"S_FMT", VIDIOC_S_FMT},
               {"G_FMT", VIDIOC_G_FMT},                {"REQBUFS", VIDIOC_REQBUFS},
               {"QUERYBUF", VIDIOC_QUERYBUF},          {"QBUF", VIDIOC_QBUF},
               {"STREAMON", VIDIOC_STREAMON},          {"DQBUF", VIDIOC_DQBUF}};
  for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(known[i].name, name))
      return known[i].request;
  fprintf(stderr, "no such request: %s\n", name);
  abort();
}

static void read_statement(const char *line) {
  char word[16], name[64], code[16] = "";
  struct node *node = node_count ? &nodes[node_count - 1] : NULL;
  struct format *format = node && node->formats ? &node->format[node->formats - 1] : NULL;
  struct format fresh = {.shade = 120};
  struct failure failure = {0};
  if (sscanf(line, "%15s", word) != 1)
    return;
  if (!strcmp(word, "node")) {
    node = &nodes[node_count++];
    sscanf(line, "node %63s %15s %31s %x", node->path, node->driver, node->bus, &node->caps);
  } else if (!strcmp(word, "start")) {
    sscanf(line, "start %u", &node->start);
  } else if (!strcmp(word, "dates")) {
    sscanf(line, "dates %ld %ld", &node->error, &node->drift);
  } else if (!strcmp(word, "rotation")) {
    node->odd_rotation = 1;
  } else if (!strcmp(word, "privacy")) {
    node->has_privacy = sscanf(line, "privacy %u", &node->privacy);
  } else if (!strcmp(word, "empty")) {
    sscanf(line, "empty %u", &node->empty);
  } else if (!strcmp(word, "fail")) {
    sscanf(line, "fail %63s %d %15s", name, &failure.error, code);
    failure.request = request_of(name);
    failure.code = code[0] ? code_of(code) : 0;
    node->failure[node->failures++] = failure;
  } else if (!strcmp(word, "format")) {
    sscanf(line, "format %15s %ux%u@%u", code, &fresh.width, &fresh.height, &fresh.rate);
    fresh.code = code_of(code);
    node->format[node->formats++] = fresh;
  } else if (!strcmp(word, "shade")) {
    sscanf(line, "shade %u", &format->shade);
  } else if (!strcmp(word, "picture")) {
    sscanf(line, "picture %255s", format->picture);
  }
}

__attribute__((constructor)) static void read_script(void) {
  const char *path = getenv("SCRIPTED_DEVICE");
  FILE *script = path ? fopen(path, "re") : NULL;
  char line[512];
  while (script && fgets(line, sizeof line, script))
    read_statement(line);
  if (script)
    fclose(script);
}

static struct node *node_at(const char *path) {
  for (unsigned i = 0; path && i < node_count; i++)
    if (!strcmp(nodes[i].path, path))
      return &nodes[i];
  return NULL;
}

static int begin(struct node *node) {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  struct stream *stream = calloc(1, sizeof *stream);
  stream->node = node;
  stream->format = node->format;
  stream->width = node->format[0].width;
  stream->height = node->format[0].height;
  stream->rate = node->format[0].rate;
  stream->memory = memfd_create("scripted", MFD_CLOEXEC);
  if (ftruncate(stream->memory, (off_t)BUFFERS * ROOM))
    abort();
  return streams[fd] = stream, fd;
}

static struct stream *stream_of(int fd) { return fd >= 0 && fd < FDS ? streams[fd] : NULL; }

#define OPEN(name)                                                                                \
  int name(const char *path, int flags, ...) {                                                    \
    va_list list;                                                                                 \
    va_start(list, flags);                                                                        \
    int mode = va_arg(list, int);                                                                 \
    va_end(list);                                                                                 \
    struct node *node = node_at(path);                                                            \
    return node ? begin(node) : ((int (*)(const char *, int, ...))next(#name))(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  struct stream *stream = stream_of(fd);
  int (*real)(int) = next("close");
  if (stream) {
    real(stream->memory);
    free(stream);
    streams[fd] = NULL;
  }
  return real(fd);
}

#define MMAP(name)                                                                                \
  void *name(void *at, size_t length, int access, int flags, int fd, off_t offset) {              \
    void *(*real)(void *, size_t, int, int, int, off_t) = next(#name);                            \
    struct stream *stream = stream_of(fd);                                                        \
    return real(at, length, access, flags, stream ? stream->memory : fd, offset);                 \
  }
MMAP(mmap)
MMAP(mmap64)

static unsigned row(const struct stream *stream) {
  unsigned code = stream->format->code;
  int is_wide = code == V4L2_PIX_FMT_YUYV || code == V4L2_PIX_FMT_Y16 || code == V4L2_PIX_FMT_Y10;
  return code == V4L2_PIX_FMT_MJPEG ? 0 : is_wide ? 2 * stream->width : stream->width;
}

static unsigned size(const struct stream *stream) {
  return (row(stream) ? row(stream) : 2 * stream->width) * stream->height;
}

static void describe(const struct stream *stream, struct v4l2_format *format) {
  struct v4l2_pix_format pix = {.width = stream->width,
                                .height = stream->height,
                                .pixelformat = stream->format->code,
                                .field = V4L2_FIELD_NONE,
                                .bytesperline = row(stream),
                                .sizeimage = size(stream),
                                .colorspace = V4L2_COLORSPACE_SRGB};
  format->fmt.pix = pix;
}

static struct format *listed(const struct stream *stream, unsigned code) {
  for (unsigned i = 0; i < stream->node->formats; i++)
    if (stream->node->format[i].code == code)
      return &stream->node->format[i];
  return NULL;
}

/* Writes a picture into a buffer and gives the number of its bytes. */
static unsigned paint(struct stream *stream, unsigned index) {
  static unsigned char picture[ROOM];
  struct format *format = stream->format;
  unsigned length = size(stream), code = format->code;
  if (format->picture[0]) {
    int fd = ((int (*)(const char *, int, ...))next("open"))(format->picture, O_RDONLY);
    ssize_t given = read(fd, picture, ROOM);
    ((int (*)(int))next("close"))(fd);
    length = code == V4L2_PIX_FMT_MJPEG && given > 0 ? (unsigned)given : length;
  } else {
    /* The noise of a sensor: no two pictures are equal. */
    memset(picture, format->shade, length);
    for (unsigned i = 1; code == V4L2_PIX_FMT_YUYV && i < length; i += 2)
      picture[i] = 128;
    for (unsigned i = 0; i < 64; i += 2)
      picture[i] = format->shade + (stream->sequence + i) % 3;
  }
  if (pwrite(stream->memory, picture, length, (off_t)index * ROOM) < 0)
    abort();
  return stream->node->empty && stream->sequence % stream->node->empty == 0 ? 0 : length;
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static int take_frame(int fd, struct stream *stream, struct v4l2_buffer *buffer) {
  unsigned long long ticks;
  if (!stream->length || read(fd, &ticks, sizeof ticks) != sizeof ticks)
    return errno = EAGAIN, -1;
  unsigned index = stream->queue[stream->head];
  stream->head = (stream->head + 1) % BUFFERS;
  stream->length--;
  long long at = now();
  at += stream->node->error + (at - stream->begun) * stream->node->drift / 1000000;
  buffer->index = index;
  buffer->length = ROOM;
  buffer->bytesused = paint(stream, index);
  buffer->sequence = stream->sequence++;
  buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  buffer->timestamp.tv_sec = at / 1000000;
  buffer->timestamp.tv_usec = at % 1000000;
  return 0;
}

static int answer(int fd, struct stream *stream, unsigned long request, void *argument) {
  struct node *node = stream->node;
  switch (request) {
  case VIDIOC_QUERYCAP: {
    struct v4l2_capability *given = argument;
    memset(given, 0, sizeof *given);
    memcpy(given->driver, node->driver, sizeof given->driver);
    memcpy(given->bus_info, node->bus, sizeof given->bus_info);
    strcpy((char *)given->card, "Scripted");
    given->device_caps = node->caps;
    given->capabilities = node->caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
  }
  case VIDIOC_ENUM_FMT: {
    struct v4l2_fmtdesc *format = argument;
    if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || format->index >= node->formats)
      return errno = EINVAL, -1;
    format->pixelformat = node->format[format->index].code;
    return 0;
  }
  case VIDIOC_ENUM_FRAMESIZES: {
    struct v4l2_frmsizeenum *sizes = argument;
    struct format *format = listed(stream, sizes->pixel_format);
    if (!format || !format->width || sizes->index)
      return errno = format && !format->width ? ENOTTY : EINVAL, -1;
    sizes->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    sizes->discrete.width = format->width;
    sizes->discrete.height = format->height;
    return 0;
  }
  case VIDIOC_ENUM_FRAMEINTERVALS: {
    struct v4l2_frmivalenum *rates = argument;
    struct format *format = listed(stream, rates->pixel_format);
    if (!format || !format->rate || rates->index)
      return errno = EINVAL, -1;
    rates->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    rates->discrete.numerator = 1;
    rates->discrete.denominator = format->rate;
    return 0;
  }
  case VIDIOC_S_FMT: {
    struct v4l2_format *wanted = argument;
    struct format *format = listed(stream, wanted->fmt.pix.pixelformat);
    if (format) {
      stream->format = format;
      stream->width = format->width ? format->width : wanted->fmt.pix.width;
      stream->height = format->width ? format->height : wanted->fmt.pix.height;
      stream->rate = format->width ? format->rate : 30;
    }
    describe(stream, wanted);
    return 0;
  }
  case VIDIOC_G_FMT:
    describe(stream, argument);
    return 0;
  case VIDIOC_G_PARM:
  case VIDIOC_S_PARM: {
    struct v4l2_streamparm *parameters = argument;
    parameters->parm.capture.timeperframe.numerator = 1;
    parameters->parm.capture.timeperframe.denominator = stream->rate;
    return 0;
  }
  case VIDIOC_QUERY_EXT_CTRL: {
    struct v4l2_query_ext_ctrl *control = argument;
    if (control->id == V4L2_CID_CAMERA_SENSOR_ROTATION && node->odd_rotation) {
      control->type = 0x7fff;
      return 0;
    }
    if (control->id != V4L2_CID_PRIVACY || !node->has_privacy)
      return errno = EINVAL, -1;
    control->type = V4L2_CTRL_TYPE_BOOLEAN;
    strcpy(control->name, "Privacy");
    return 0;
  }
  case VIDIOC_G_EXT_CTRLS: {
    struct v4l2_ext_controls *controls = argument;
    controls->controls[0].value = node->privacy;
    return 0;
  }
  case VIDIOC_REQBUFS: {
    struct v4l2_requestbuffers *buffers = argument;
    buffers->count = buffers->count < BUFFERS ? buffers->count : BUFFERS;
    stream->count = buffers->count;
    stream->head = stream->length = 0;
    return 0;
  }
  case VIDIOC_QUERYBUF:
  case VIDIOC_QBUF: {
    struct v4l2_buffer *buffer = argument;
    if (buffer->index >= stream->count || (request == VIDIOC_QBUF && stream->length == BUFFERS))
      return errno = EINVAL, -1;
    buffer->length = ROOM;
    buffer->m.offset = buffer->index * ROOM;
    if (request == VIDIOC_QBUF)
      stream->queue[(stream->head + stream->length++) % BUFFERS] = buffer->index;
    return 0;
  }
  case VIDIOC_STREAMON: {
    long gap = 1000000000L / stream->rate, first = node->start ? node->start * 1000000L : gap;
    struct itimerspec timer = {{gap / 1000000000, gap % 1000000000},
                               {first / 1000000000, first % 1000000000}};
    stream->begun = now();
    return timerfd_settime(fd, 0, &timer, NULL);
  }
  case VIDIOC_STREAMOFF: {
    struct itimerspec timer = {{0, 0}, {0, 0}};
    stream->length = 0;
    return timerfd_settime(fd, 0, &timer, NULL);
  }
  case VIDIOC_DQBUF:
    return take_frame(fd, stream, argument);
  default:
    return errno = ENOTTY, -1;
  }
}

int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  struct stream *stream = stream_of(fd);
  request = (unsigned)request;
  if (!stream)
    return ((int (*)(int, unsigned long, ...))next("ioctl"))(fd, request, argument);
  unsigned code = stream->format->code;
  if (request == VIDIOC_ENUM_FRAMESIZES)
    code = ((struct v4l2_frmsizeenum *)argument)->pixel_format;
  if (request == VIDIOC_S_FMT)
    code = ((struct v4l2_format *)argument)->fmt.pix.pixelformat;
  for (unsigned i = 0; i < stream->node->failures; i++) {
    struct failure *failure = &stream->node->failure[i];
    if (failure->request == request && (!failure->code || failure->code == code))
      return errno = failure->error, -1;
  }
  return answer(fd, stream, request, argument);
}
