/* Certificates, made by the openssl program in a folder of the test's own: none lie in the repository. */

#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include "harness.h"

static char certificate_folder[64];

static inline void remove_certificates(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%.60s'", certificate_folder);
    if (system(command) != 0) {
        fprintf(stderr, "%s is left\n", certificate_folder);
    }
}

static inline void make_certificate_folder(void)
{
    snprintf(certificate_folder, sizeof certificate_folder, "/tmp/rustchat-c-%ld-XXXXXX", (long)getpid());
    CHECK(mkdtemp(certificate_folder) != NULL);
    atexit(remove_certificates);
}

/* The path of a file in the folder, which lives as long as the program. */
static inline char *certificate_path(const char *name, const char *end)
{
    char *path = malloc(128);
    CHECK(path != NULL && certificate_folder[0] != '\0');
    snprintf(path, 128, "%.60s/%.30s%.10s", certificate_folder, name, end);
    return path;
}

struct certificate {
    char *chain, *key; /* files */
};

/* One that vouches for itself, for localhost and the address of these tests. */
static inline struct certificate make_certificate(const char *name)
{
    char command[700];
    struct certificate made;
    made.chain = certificate_path(name, ".pem");
    made.key = certificate_path(name, ".key");
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
             " -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost,IP:%s -keyout %s -out %s 2>/dev/null",
             own_host(), made.key, made.chain);
    CHECK(system(command) == 0);
    return made;
}

static inline void free_certificate(struct certificate made)
{
    free(made.chain);
    free(made.key);
}

/* The text of a file, to be freed. */
static inline char *text_of(const char *path)
{
    char *text = calloc(1, 16384);
    FILE *file = fopen(path, "r");
    CHECK(text != NULL && file != NULL);
    CHECK(fread(text, 1, 16383, file) > 0);
    fclose(file);
    return text;
}

#endif
