/*
 * Preloaded into a PAM application. Records the answers of pam_fpass.so to libpam, their duration
 * and the module's log. Makes chosen calls of this module into libc or libpam fail. Calls of other
 * objects pass.
 *
 * MATRIX_RECORD   file for the lines "code NUMBER MILLISECONDS", "log TEXT" and "calls NUMBER"
 * MATRIX_FAULT    FUNCTION:FIRST:LAST:VALUE, the calls that fail, counted from 1 within one
 *                 pam_sm_authenticate, and what they answer
 * MATRIX_SAYS     if set, the application is told a text when the module has looked up the user:
 *                 its own fault then begins before the module asks the daemon
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <security/pam_modules.h>

#include "../module/system_log.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

/* Address range of the module during its calls; otherwise empty. */
static uintptr_t low, high;
static char faulty[32];
static long first, last, value, calls;
static int (*module)(pam_handle_t *, int, int, const char **);

static void *real(const char *name)
{
    static void *(*look_up)(void *, const char *);
    static const char *const versions[] = { "GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17" };

    for (size_t i = 0; look_up == NULL && i < sizeof versions / sizeof *versions; i++)
        look_up = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    return look_up == NULL ? NULL : look_up(RTLD_NEXT, name);
}

/* Opened early: later there may be no free descriptor. */
static int file = -1;

__attribute__((constructor)) static void prepare(void)
{
    const char *path = getenv("MATRIX_RECORD");
    int low_number = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

    if (low_number < 0)
        return;
    file = fcntl(low_number, F_DUPFD_CLOEXEC, 200);
    close(low_number);
}

static void record(const char *format, ...)
{
    va_list arguments;
    char line[4200];
    int length;

    if (file < 0)
        return;
    va_start(arguments, format);
    length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (write(file, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1) < 0)
        (void)0;
}

/* Whether this call of the module must fail. */
static int fails(const char *function, const void *caller)
{
    uintptr_t address = (uintptr_t)caller;

    if (address < low || address >= high || strcmp(function, faulty) != 0)
        return 0;
    calls++;
    return calls >= first && calls <= last;
}

static int find(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    (void)context;
    if (strstr(object->dlpi_name, "pam_fpass.so") == NULL)
        return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + part->p_vaddr;

        if (part->p_type != PT_LOAD)
            continue;
        if (low == 0 || start < low)
            low = start;
        if (start + part->p_memsz > high)
            high = start + part->p_memsz;
    }
    return 1;
}

/* The transaction whose application is told a text later. */
static pam_handle_t *untold;

/* Tells the application a text. */
static void tell(void)
{
    pam_handle_t *handle = untold;
    const void *item = NULL;
    const struct pam_message message = { PAM_TEXT_INFO, "The module is called." };
    const struct pam_message *messages = &message;
    struct pam_response *replies = NULL;
    const struct pam_conv *conversation;

    untold = NULL;
    if (handle == NULL || pam_get_item(handle, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
        return;
    conversation = item;
    if (conversation->conv(1, &messages, &replies, conversation->appdata_ptr) == PAM_SUCCESS)
        free(replies);
}

static int watched(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    const char *fault = getenv("MATRIX_FAULT");
    struct timespec start, end;
    int code;

    faulty[0] = '\0';
    if (fault != NULL &&
        sscanf(fault, "%31[^:]:%ld:%ld:%ld", faulty, &first, &last, &value) != 4)
        abort();
    untold = getenv("MATRIX_SAYS") == NULL ? NULL : handle;
    calls = 0;
    dl_iterate_phdr(find, NULL);
    clock_gettime(CLOCK_MONOTONIC, &start);
    code = module(handle, flags, argc, argv);
    clock_gettime(CLOCK_MONOTONIC, &end);
    low = high = 0;
    untold = NULL;
    if (fault != NULL)
        record("calls %ld\n", calls);
    record("code %d %.1f\n", code,
           (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6);
    return code;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    static void *(*look_up)(void *, const char *);
    void *symbol;
    Dl_info object;

    if (look_up == NULL)
        look_up = (void *(*)(void *, const char *))real("dlsym");
    symbol = look_up == NULL ? NULL : look_up(handle, name);
    if (symbol == NULL || strcmp(name, "pam_sm_authenticate") != 0 ||
        dladdr(symbol, &object) == 0 || strstr(object.dli_fname, "pam_fpass.so") == NULL)
        return symbol;
    module = (int (*)(pam_handle_t *, int, int, const char **))symbol;
    return (void *)watched;
}

void *malloc(size_t size)
{
    if (fails("malloc", __builtin_return_address(0)))
        return errno = ENOMEM, NULL;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (fails("malloc", __builtin_return_address(0)))
        return errno = ENOMEM, NULL;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    if (fails("malloc", __builtin_return_address(0)))
        return errno = ENOMEM, NULL;
    return __libc_realloc(old, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    if (fails("malloc", __builtin_return_address(0)))
        return ENOMEM;
    *place = __libc_memalign(alignment, size);
    return *place == NULL ? ENOMEM : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);

    if (fails("clock_gettime", __builtin_return_address(0)))
        return errno = EINVAL, -1;
    if (next == NULL)
        next = (int (*)(clockid_t, struct timespec *))real("clock_gettime");
    return next(clock, now);
}

long sysconf(int name)
{
    static long (*next)(int);

    if (fails("sysconf", __builtin_return_address(0)))
        return value;
    if (next == NULL)
        next = (long (*)(int))real("sysconf");
    return next(name);
}

int getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
               struct passwd **found)
{
    static int (*next)(const char *, struct passwd *, char *, size_t, struct passwd **);
    uintptr_t address = (uintptr_t)__builtin_return_address(0);
    int code;

    if (fails("getpwnam_r", __builtin_return_address(0)))
        return *found = NULL, errno = (int)value;
    if (next == NULL)
        next = (int (*)(const char *, struct passwd *, char *, size_t, struct passwd **))real(
            "getpwnam_r");
    code = next(name, entry, buffer, size, found);
    if (address >= low && address < high)
        tell();
    return code;
}

int pam_get_item(const pam_handle_t *handle, int item, const void **found)
{
    static int (*next)(const pam_handle_t *, int, const void **);

    if (fails("pam_get_item", __builtin_return_address(0)))
        return (int)value;
    if (next == NULL)
        next = (int (*)(const pam_handle_t *, int, const void **))real("pam_get_item");
    return next(handle, item, found);
}

int pam_get_user(pam_handle_t *handle, const char **user, const char *prompt)
{
    static int (*next)(pam_handle_t *, const char **, const char *);

    if (fails("pam_get_user", __builtin_return_address(0)))
        return (int)value;
    if (next == NULL)
        next = (int (*)(pam_handle_t *, const char **, const char *))real("pam_get_user");
    return next(handle, user, prompt);
}

static void logged(const char *text)
{
    record("log %s\n", text);
}
