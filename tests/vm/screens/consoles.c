/* Preloaded into the programs of a machine without virtual terminals, for display managers that
 * require them. Requests to a terminal succeed: the first terminal is in front and the seventh is
 * free. Sessions are registered on the seat without a terminal number, because logind knows that
 * there are no terminals. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/kd.h>
#include <linux/vt.h>
#include <stdarg.h>
#include <string.h>
#include <security/pam_modules.h>

/* The upper byte of requests to the keyboard, the display and the switching of terminals. */
enum { KEYBOARD = 'K', TERMINALS = 'V' };

static int answered(unsigned long request, void *argument)
{
    switch (request) {
    case VT_GETSTATE:
        *(struct vt_stat *)argument = (struct vt_stat){ .v_active = 1, .v_state = 1 << 1 };
        break;
    case VT_GETMODE:
        *(struct vt_mode *)argument = (struct vt_mode){ .mode = VT_AUTO };
        break;
    case VT_OPENQRY:
        *(int *)argument = 7;
        break;
    case KDGETMODE:
        *(int *)argument = KD_TEXT;
        break;
    case KDGKBMODE:
        *(int *)argument = K_UNICODE;
        break;
    }
    return 0;
}

int ioctl(int descriptor, unsigned long request, ...)
{
    static int (*of_libc)(int, unsigned long, void *);
    va_list rest;
    void *argument;

    va_start(rest, request);
    argument = va_arg(rest, void *);
    va_end(rest);
    if (request >> 8 == KEYBOARD || request >> 8 == TERMINALS)
        return answered(request, argument);
    if (!of_libc)
        of_libc = dlsym(RTLD_NEXT, "ioctl");
    return of_libc(descriptor, request, argument);
}

int pam_set_item(pam_handle_t *handle, int item, const void *value)
{
    static int (*of_libpam)(pam_handle_t *, int, const void *);

    if (!of_libpam)
        of_libpam = dlsym(RTLD_NEXT, "pam_set_item");
    if (item == PAM_TTY && value && !strncmp(value, "/dev/tty", 8))
        value = ":0";
    return of_libpam(handle, item, value);
}

int pam_putenv(pam_handle_t *handle, const char *entry)
{
    static int (*of_libpam)(pam_handle_t *, const char *);

    if (!of_libpam)
        of_libpam = dlsym(RTLD_NEXT, "pam_putenv");
    return strncmp(entry, "XDG_VTNR=", 9) ? of_libpam(handle, entry) : PAM_SUCCESS;
}
