/* Sends ioctls that a program makes through syscall(2) to ioctl(3), where a preloaded camera sees
 * them. The v4l crate calls syscall(SYS_ioctl, ...), because the type of ioctl's request differs
 * between C libraries. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

long syscall(long number, ...) {
  static long (*next)(long, ...);
  long arguments[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++)
    arguments[i] = va_arg(list, long);
  va_end(list);
  if (number == SYS_ioctl)
    return ioctl((int)arguments[0], (unsigned long)arguments[1], (void *)arguments[2]);
  if (!next)
    next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
              arguments[5]);
}
