/*
 * A PAM application that reports on its own process before and after: descriptors, threads,
 * signals, memory.
 *
 * host REPORT SERVICE USER PASSWORD COUNT CALLS [closed]
 *
 * COUNT transactions, each with CALLS (a authenticate, s setcred, m acct_mgmt, o open_session,
 * c close_session, p chauthtok), regardless of the answers. "closed" closes the standard streams
 * first. The report goes to a file, so any other output is not the host's.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <security/pam_appl.h>

static FILE *report;
static volatile sig_atomic_t signals_seen;

static void seen(int number)
{
    (void)number;
    signals_seen++;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **replies,
                    void *password)
{
    struct pam_response *given = calloc((size_t)count, sizeof *given);

    if (given == NULL)
        return PAM_BUF_ERR;
    for (int i = 0; i < count; i++)
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
            messages[i]->msg_style == PAM_PROMPT_ECHO_ON)
            given[i].resp = strdup(password);
    *replies = given;
    return PAM_SUCCESS;
}

static int entries(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;

    if (directory == NULL)
        return -1;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static int lines(const char *path)
{
    FILE *file = fopen(path, "re");
    int count = 0, character;

    if (file == NULL)
        return -1;
    while ((character = getc(file)) != EOF)
        count += character == '\n';
    fclose(file);
    return count;
}

/* Lines of /proc/self/status that show leftovers of a module. */
static void status(const char *when)
{
    static const char *const wanted[] = { "Threads:", "SigBlk:", "SigIgn:", "SigCgt:", "Umask:",
                                          "VmRSS:" };
    char line[256];
    FILE *file = fopen("/proc/self/status", "re");

    if (file == NULL)
        abort();
    while (fgets(line, sizeof line, file) != NULL)
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
                fprintf(report, "%s %s", when, line);
    fclose(file);
    fprintf(report, "%s Mappings:\t%d\n", when, lines("/proc/self/maps"));
    fprintf(report, "%s Descriptors:\t%d\n", when, entries("/proc/self/fd"));
    fprintf(report, "%s Streams:\t%d%d%d\n", when, fcntl(0, F_GETFD), fcntl(1, F_GETFD),
            fcntl(2, F_GETFD));
}

static void transact(const char *service, const char *user, char *password, const char *calls)
{
    struct pam_conv conversation = { converse, password };
    pam_handle_t *handle;
    int code = pam_start(service, user, &conversation, &handle);

    if (code != PAM_SUCCESS)
        abort();
    fprintf(report, "codes");
    for (; *calls != '\0'; calls++) {
        switch (*calls) {
        case 'a': code = pam_authenticate(handle, 0); break;
        case 's': code = pam_setcred(handle, PAM_ESTABLISH_CRED); break;
        case 'm': code = pam_acct_mgmt(handle, 0); break;
        case 'o': code = pam_open_session(handle, 0); break;
        case 'c': code = pam_close_session(handle, 0); break;
        case 'p': code = pam_chauthtok(handle, 0); break;
        default: abort();
        }
        fprintf(report, " %c=%d", *calls, code);
    }
    fprintf(report, "\n");
    pam_end(handle, code);
}

int main(int argc, char **argv)
{
    struct sigaction handler = { .sa_handler = seen };
    long count;

    if (argc < 7)
        return 2;
    /* A look-up by the host itself, which shows that the witness works. */
    (void)getenv("HOST_IS_WATCHED");
    /* Above every descriptor that a module may get, so that closed streams stay free. */
    int file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int high = file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 100);
    report = high < 0 ? NULL : fdopen(high, "w");
    if (report == NULL)
        return 3;
    close(file);
    if (argc > 7 && strcmp(argv[7], "closed") == 0)
        for (int stream = 0; stream < 3; stream++)
            close(stream);
    if (sigaction(SIGINT, &handler, NULL) != 0)
        return 4;

    count = strtol(argv[5], NULL, 10);
    /* Memory that libc and libpam keep from the first call on is not the module's. */
    transact(argv[2], argv[3], argv[4], argv[6]);
    status("before");
    for (long i = 1; i < count; i++)
        transact(argv[2], argv[3], argv[4], argv[6]);
    status("after");
    fprintf(report, "interrupts %d\n", (int)signals_seen);
    return fclose(report) == 0 ? 0 : 5;
}
