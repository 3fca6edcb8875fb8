/*
 * The system log of a preloaded witness: it passes the process's log lines to logged() as text, and
 * to no other place.
 */
#include <stdarg.h>
#include <stdio.h>

static void logged(const char *text);

static void log_line(const char *format, va_list arguments)
{
    char text[4096];

    vsnprintf(text, sizeof text, format, arguments);
    logged(text);
}

void syslog(int priority, const char *format, ...)
{
    va_list arguments;

    (void)priority;
    va_start(arguments, format);
    log_line(format, arguments);
    va_end(arguments);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list arguments;

    (void)priority;
    (void)flag;
    va_start(arguments, format);
    log_line(format, arguments);
    va_end(arguments);
}
