/*
 * A PAM module with scripted answers. "auth=NUMBER" on its line is its answer. "slot=NAME" reads it
 * from the variable NAME of the transaction, and records in NAME.asked that it was called.
 */
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int answer(pam_handle_t *handle, int count, const char **arguments)
{
    for (int i = 0; i < count; i++) {
        char note[64];
        const char *value;

        if (strncmp(arguments[i], "auth=", 5) == 0)
            return atoi(arguments[i] + 5);
        if (strncmp(arguments[i], "slot=", 5) != 0)
            continue;
        snprintf(note, sizeof note, "%.40s.asked=1", arguments[i] + 5);
        value = pam_getenv(handle, arguments[i] + 5);
        if (value == NULL || pam_putenv(handle, note) != PAM_SUCCESS)
            return PAM_SYSTEM_ERR;
        return atoi(value);
    }
    return PAM_SERVICE_ERR;
}

int pam_sm_authenticate(pam_handle_t *handle, int flags, int count, const char **arguments)
{
    (void)flags;
    return answer(handle, count, arguments);
}

int pam_sm_setcred(pam_handle_t *handle, int flags, int count, const char **arguments)
{
    (void)handle, (void)flags, (void)count, (void)arguments;
    return PAM_SUCCESS;
}
