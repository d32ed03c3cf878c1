/* A file system that fails, for one process: preloaded, it answers for files under one folder.
   fault_set(prefix, kinds, errno, after): from the call number `after` on, every call of those kinds fails;
   fault_hits(): how many did; fault_calls(kind): how many calls of a kind there were; fault_clear(). A full disk stays
   full, so a fault stays until it is cleared. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAKE = 1, OPEN = 2, WRITE = 4, SYNC = 8, NAME = 16, GONE = 32, READ = 64, LOCK = 128 };

static char prefix[PATH_MAX];
static size_t length;
static int kinds, number, after, calls, hits, of_kind[8];

void fault_set(const char *where, int k, int e, int from) {
    strncpy(prefix, where, sizeof prefix - 1);
    length = strlen(prefix);
    number = e; after = from; calls = hits = 0;
    memset(of_kind, 0, sizeof of_kind);
    __atomic_store_n(&kinds, k, __ATOMIC_SEQ_CST);
}
void fault_clear(void) { __atomic_store_n(&kinds, 0, __ATOMIC_SEQ_CST); }
int fault_hits(void) { return hits; }
int fault_calls(int kind) { return of_kind[__builtin_ctz(kind)]; }

static int fails(int kind, const char *path) {
    if (!(kinds & kind) || !path || strncmp(path, prefix, length)) return 0;
    __atomic_add_fetch(&of_kind[__builtin_ctz(kind)], 1, __ATOMIC_SEQ_CST);
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) < after) return 0;
    __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
    errno = number;
    return 1;
}
static const char *of_fd(int fd, char *into) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, into, PATH_MAX - 1);
    into[n < 0 ? 0 : n] = 0;
    return into;
}
static const char *at(int dir, const char *path, char *into) {
    if (path[0] == '/') return path;
    char base[PATH_MAX];
    if (dir == AT_FDCWD) { if (!getcwd(base, sizeof base)) base[0] = 0; } else of_fd(dir, base);
    snprintf(into, PATH_MAX, "%.2000s/%.2000s", base, path);
    return into;
}
static int fails_fd(int kind, int fd) {
    char path[PATH_MAX];
    return (kinds & kind) && fails(kind, of_fd(fd, path));
}
static int fails_open(int dir, const char *path, int flags) {
    char into[PATH_MAX];
    if (!(kinds & (MAKE | OPEN))) return 0;
    const char *whole = at(dir, path, into);
    int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    return fails(writes ? MAKE : OPEN, whole);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list v; va_start(v, flags); \
    mode = va_arg(v, int); va_end(v); }

int open(const char *p, int f, ...) { MODE(f) return fails_open(AT_FDCWD, p, f) ? -1 : REAL(open)(p, f, mode); }
int open64(const char *p, int f, ...) { MODE(f) return fails_open(AT_FDCWD, p, f) ? -1 : REAL(open64)(p, f, mode); }
int openat(int d, const char *p, int f, ...) { MODE(f) return fails_open(d, p, f) ? -1 : REAL(openat)(d, p, f, mode); }
int openat64(int d, const char *p, int f, ...) {
    MODE(f) return fails_open(d, p, f) ? -1 : REAL(openat64)(d, p, f, mode);
}
FILE *fopen(const char *p, const char *m) {
    return fails_open(AT_FDCWD, p, m[0] == 'r' && !strchr(m, '+') ? O_RDONLY : O_WRONLY) ? NULL : REAL(fopen)(p, m);
}
FILE *fopen64(const char *p, const char *m) {
    return fails_open(AT_FDCWD, p, m[0] == 'r' && !strchr(m, '+') ? O_RDONLY : O_WRONLY) ? NULL : REAL(fopen64)(p, m);
}

#define ON_FD(kind, result, name, params, ...) \
    result name params { return fails_fd(kind, fd) ? (result)-1 : REAL(name)(__VA_ARGS__); }
ON_FD(WRITE, ssize_t, write, (int fd, const void *b, size_t n), fd, b, n)
ON_FD(WRITE, ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), fd, b, n, o)
ON_FD(WRITE, ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), fd, b, n, o)
ON_FD(WRITE, ssize_t, writev, (int fd, const struct iovec *v, int n), fd, v, n)
ON_FD(WRITE, ssize_t, sendfile, (int fd, int in, off_t *o, size_t n), fd, in, o, n)
ON_FD(WRITE, int, fallocate, (int fd, int m, off_t o, off_t n), fd, m, o, n)
ON_FD(READ, ssize_t, read, (int fd, void *b, size_t n), fd, b, n)
ON_FD(READ, ssize_t, pread, (int fd, void *b, size_t n, off_t o), fd, b, n, o)
ON_FD(READ, ssize_t, pread64, (int fd, void *b, size_t n, off64_t o), fd, b, n, o)
ON_FD(SYNC, int, fsync, (int fd), fd)
ON_FD(SYNC, int, fdatasync, (int fd), fd)
ON_FD(LOCK, int, flock, (int fd, int how), fd, how)
ssize_t copy_file_range(int in, off64_t *a, int fd, off64_t *b, size_t n, unsigned f) {
    return fails_fd(WRITE, fd) ? -1 : REAL(copy_file_range)(in, a, fd, b, n, f);
}
int posix_fallocate(int fd, off_t o, off_t n) {  /* gives the number, sets no errno */
    return fails_fd(WRITE, fd) ? number : REAL(posix_fallocate)(fd, o, n);
}

#define ON_PATH(kind, name, params, dir, path, ...) \
    int name params { char into[PATH_MAX]; \
        return (kinds & (kind)) && fails(kind, at(dir, path, into)) ? -1 : REAL(name)(__VA_ARGS__); }
ON_PATH(NAME, mkdir, (const char *p, mode_t m), AT_FDCWD, p, p, m)
ON_PATH(NAME, mkdirat, (int d, const char *p, mode_t m), d, p, d, p, m)
ON_PATH(NAME, rename, (const char *a, const char *b), AT_FDCWD, b, a, b)
ON_PATH(NAME, renameat, (int c, const char *a, int d, const char *b), d, b, c, a, d, b)
ON_PATH(NAME, link, (const char *a, const char *b), AT_FDCWD, b, a, b)
ON_PATH(NAME, symlink, (const char *a, const char *b), AT_FDCWD, b, a, b)
ON_PATH(GONE, unlink, (const char *p), AT_FDCWD, p, p)
ON_PATH(GONE, rmdir, (const char *p), AT_FDCWD, p, p)
ON_PATH(GONE, unlinkat, (int d, const char *p, int f), d, p, d, p, f)
