// A name service (libnss_odd.so.2) with users whose names directory services hand out: one a line
// in USERS, as "UID NAME". While FAILS exists, it answers as a service whose server is away, with
// the error number in that file.

#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fails(int *errnop)
{
    FILE *file = fopen(FAILS, "re");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", errnop) != 1)
        *errnop = EIO;
    fclose(file);
    errno = *errnop;
    return 1;
}

static enum nss_status found(const char *wanted, uid_t uid, struct passwd *entry, char *buffer,
                             size_t size, int *errnop)
{
    enum nss_status status = NSS_STATUS_NOTFOUND;
    char line[1024];
    FILE *file;

    if (fails(errnop))
        return NSS_STATUS_UNAVAIL;
    file = fopen(USERS, "re");
    if (file == NULL)
        return status;
    while (status == NSS_STATUS_NOTFOUND && fgets(line, sizeof line, file) != NULL) {
        char *name;
        uid_t number = (uid_t)strtoul(line, &name, 10);

        name[strcspn(name, "\n")] = '\0';
        name++;
        if (wanted == NULL ? number != uid : strcmp(wanted, name) != 0)
            continue;
        if (strlen(name) >= size) {
            *errnop = errno = ERANGE;
            status = NSS_STATUS_TRYAGAIN;
            break;
        }
        strcpy(buffer, name);
        *entry = (struct passwd){.pw_name = buffer, .pw_passwd = "x", .pw_uid = number,
                                 .pw_gid = number, .pw_gecos = "", .pw_dir = "/",
                                 .pw_shell = "/bin/sh"};
        status = NSS_STATUS_SUCCESS;
    }
    fclose(file);
    return status;
}

enum nss_status _nss_odd_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
                                    size_t size, int *errnop)
{
    return found(name, 0, entry, buffer, size, errnop);
}

enum nss_status _nss_odd_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
                                    int *errnop)
{
    return found(NULL, uid, entry, buffer, size, errnop);
}
