/* Counts the calls that change files under one folder, and makes the N-th of them go wrong.
 *
 * Preloaded. Its orders and its count lie in a file that all processes map (FAULT_PLAN), so children count on.
 * Seen are calls through libc by name; what a program asks of the kernel by itself is not (a test compares with strace).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL_GROUP, KILL_HALF, ENOSPC_ONCE, ENOSPC_ON, EIO_ONCE, SHORT, KILL_ONE };
#define KINDS 200000

static struct plan {
    long count, at;  /* calls so far; the one that goes wrong, from 1 */
    int mode, armed; /* what goes wrong; whether anything is counted */
    char root[2048];
    char kinds[KINDS]; /* what each call was */
} * plan;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("FAULT_PLAN");
    int file = path ? (int)open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) plan = found;
    close(file);
}

static int below(const char *path) {
    size_t length = strlen(plan->root);
    return !strncmp(path, plan->root, length) && (path[length] == '/' || !path[length]);
}

static int of_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int of_path(int folder, const char *path) {
    char here[PATH_MAX];
    if (!path) return 0;
    if (path[0] == '/') return below(path);
    return folder == AT_FDCWD ? getcwd(here, sizeof here) && below(here) : of_fd(folder);
}

static void die(void) {
    kill(plan->mode == KILL_ONE ? getpid() : 0, SIGKILL);
    for (;;) pause();
}

/* Count a call of some kind: 0 go on, 1 do half of it, -1 fail with errno set. */
static int fault(char kind) {
    long n = __sync_add_and_fetch(&plan->count, 1);
    if (n <= KINDS) plan->kinds[n - 1] = kind;
    if (plan->mode == COUNT || n < plan->at || (n > plan->at && plan->mode != ENOSPC_ON)) return 0;
    switch (plan->mode) {
    case ENOSPC_ON: if (kind == 'u' || kind == 't') return 0; /* room is given back even so */ /* fall through */
    case ENOSPC_ONCE: errno = ENOSPC; return -1;
    case EIO_ONCE: errno = EIO; return -1;
    case SHORT: return 1;
    case KILL_HALF: if (kind == 'w') return 1; /* fall through */
    default: die();
    }
    return 0;
}

static int saved(int (*where)(int, const char *), int fd, const char *path) { int e = errno, r = plan && plan->armed && where(fd, path); errno = e; return r; }
static int fd_only(int fd, const char *path) { (void)path; return of_fd(fd); }
#define REAL(name, ...) ({ static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name); real(__VA_ARGS__); })
#define ON_FD(kind, fd, call) if (saved(fd_only, fd, NULL) && fault(kind) < 0) return -1; return call
#define ON_PATH(kind, folder, path, call) if (saved(of_path, folder, path) && fault(kind) < 0) return -1; return call
/* Half of a write, then the end, or its short count. */
#define ON_WRITE(fd, size, whole, half)                          \
    int what = saved(fd_only, fd, NULL) ? fault('w') : 0;         \
    if (what < 0) return -1;                                      \
    if (!what) return whole;                                      \
    ssize_t done = (size) > 1 ? half : 0;                         \
    if (plan->mode != SHORT) die();                               \
    return (size) > 1 ? done : whole

ssize_t write(int fd, const void *b, size_t n) { ON_WRITE(fd, n, REAL(write, fd, b, n), REAL(write, fd, b, n / 2)); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { ON_WRITE(fd, n, REAL(pwrite, fd, b, n, o), REAL(pwrite, fd, b, n / 2, o)); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { ON_WRITE(fd, n, REAL(pwrite64, fd, b, n, o), REAL(pwrite64, fd, b, n / 2, o)); }
ssize_t writev(int fd, const struct iovec *v, int n) { ON_WRITE(fd, n, REAL(writev, fd, v, n), REAL(writev, fd, v, n / 2)); }
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t o) { ON_WRITE(fd, n, REAL(pwritev, fd, v, n, o), REAL(pwritev, fd, v, n / 2, o)); }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t o) { ON_WRITE(fd, n, REAL(pwritev64, fd, v, n, o), REAL(pwritev64, fd, v, n / 2, o)); }
ssize_t sendfile(int to, int from, off_t *o, size_t n) { ON_WRITE(to, n, REAL(sendfile, to, from, o, n), REAL(sendfile, to, from, o, n / 2)); }
ssize_t sendfile64(int to, int from, off64_t *o, size_t n) { ON_WRITE(to, n, REAL(sendfile64, to, from, o, n), REAL(sendfile64, to, from, o, n / 2)); }
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t n, unsigned f) { ON_WRITE(to, n, REAL(copy_file_range, from, a, to, b, n, f), REAL(copy_file_range, from, a, to, b, n / 2, f)); }

#define CREATES(flags) ((flags) & (O_CREAT | O_TRUNC))
#define MODE(flags) int mode = 0; if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, int); va_end(rest); }
#define OPENED(folder, path, flags, call) if (CREATES(flags) && saved(of_path, folder, path) && fault('o') < 0) return -1; return call
int open(const char *p, int flags, ...) { MODE(flags) OPENED(AT_FDCWD, p, flags, REAL(open, p, flags, mode)); }
int open64(const char *p, int flags, ...) { MODE(flags) OPENED(AT_FDCWD, p, flags, REAL(open64, p, flags, mode)); }
int openat(int d, const char *p, int flags, ...) { MODE(flags) OPENED(d, p, flags, REAL(openat, d, p, flags, mode)); }
int openat64(int d, const char *p, int flags, ...) { MODE(flags) OPENED(d, p, flags, REAL(openat64, d, p, flags, mode)); }
int creat(const char *p, mode_t m) { OPENED(AT_FDCWD, p, O_CREAT, REAL(creat, p, m)); }
#define STREAM(name) FILE *name(const char *p, const char *m) { if (!strchr(m, 'r') && saved(of_path, AT_FDCWD, p) && fault('o') < 0) return NULL; return REAL(name, p, m); }
STREAM(fopen)
STREAM(fopen64)
/* libc writes a stream's buffer by itself, unseen: what is handed to the stream is counted instead. */
size_t fwrite(const void *b, size_t size, size_t n, FILE *f) {
    int what = saved(fd_only, fileno(f), NULL) ? fault('w') : 0;
    if (what < 0) return 0;
    if (!what || n * size < 2) return REAL(fwrite, b, size, n, f);
    size_t half = REAL(fwrite, b, 1, n * size / 2, f);
    fflush(f);
    if (plan->mode != SHORT) die();
    return half / size;
}
int fclose(FILE *f) {
    int what = saved(fd_only, fileno(f), NULL) ? fault('s') : 0, e = errno;
    int r = REAL(fclose, f);
    if (what >= 0) return r;
    errno = e;
    return EOF;
}

int ftruncate(int fd, off_t n) { ON_FD('t', fd, REAL(ftruncate, fd, n)); }
int ftruncate64(int fd, off64_t n) { ON_FD('t', fd, REAL(ftruncate64, fd, n)); }
int fsync(int fd) { ON_FD('s', fd, REAL(fsync, fd)); }
int fdatasync(int fd) { ON_FD('s', fd, REAL(fdatasync, fd)); }
int fallocate(int fd, int m, off_t o, off_t n) { ON_FD('a', fd, REAL(fallocate, fd, m, o, n)); }
int fallocate64(int fd, int m, off64_t o, off64_t n) { ON_FD('a', fd, REAL(fallocate64, fd, m, o, n)); }
int posix_fallocate(int fd, off_t o, off_t n) { if (saved(fd_only, fd, NULL) && fault('a') < 0) return errno; return REAL(posix_fallocate, fd, o, n); }
int posix_fallocate64(int fd, off64_t o, off64_t n) { if (saved(fd_only, fd, NULL) && fault('a') < 0) return errno; return REAL(posix_fallocate64, fd, o, n); }
int unlink(const char *p) { ON_PATH('u', AT_FDCWD, p, REAL(unlink, p)); }
int unlinkat(int d, const char *p, int f) { ON_PATH('u', d, p, REAL(unlinkat, d, p, f)); }
int rmdir(const char *p) { ON_PATH('u', AT_FDCWD, p, REAL(rmdir, p)); }
int mkdir(const char *p, mode_t m) { ON_PATH('m', AT_FDCWD, p, REAL(mkdir, p, m)); }
int mkdirat(int d, const char *p, mode_t m) { ON_PATH('m', d, p, REAL(mkdirat, d, p, m)); }
int rename(const char *a, const char *b) { ON_PATH('r', AT_FDCWD, b, REAL(rename, a, b)); }
int renameat(int c, const char *a, int d, const char *b) { ON_PATH('r', d, b, REAL(renameat, c, a, d, b)); }
int renameat2(int c, const char *a, int d, const char *b, unsigned f) { ON_PATH('r', d, b, REAL(renameat2, c, a, d, b, f)); }
int link(const char *a, const char *b) { ON_PATH('l', AT_FDCWD, b, REAL(link, a, b)); }
int linkat(int c, const char *a, int d, const char *b, int f) { ON_PATH('l', d, b, REAL(linkat, c, a, d, b, f)); }
int symlink(const char *a, const char *b) { ON_PATH('l', AT_FDCWD, b, REAL(symlink, a, b)); }
int symlinkat(const char *a, int d, const char *b) { ON_PATH('l', d, b, REAL(symlinkat, a, d, b)); }
