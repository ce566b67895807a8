/*
 * A disk for tests, put before the C library by LD_PRELOAD. Of the files below TENDARR_DISK it keeps a second copy below
 * TENDARR_DISK_SYNCED that gets what was synced, and only that: what a power cut leaves at the least. While the file
 * TENDARR_DISK_FULL exists, nothing can be written to them, as on a disk without room.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Path of the file below the watched directory, or NULL. */
static const char *watched(int fd, char path[PATH_MAX]) {
  const char *root = getenv("TENDARR_DISK");
  char link[64];
  if (root == NULL) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return NULL;
  path[length] = 0;
  size_t prefix = strlen(root);
  return strncmp(path, root, prefix) == 0 && path[prefix] == '/' ? path + prefix + 1 : NULL;
}

/* Names of files in folders are flattened: `backups/x` is `backups_x`. */
static int synced(char to[PATH_MAX], const char *name) {
  const char *root = getenv("TENDARR_DISK_SYNCED");
  if (root == NULL) return 0;
  int at = snprintf(to, PATH_MAX, "%s/", root);
  for (; *name != 0 && at < PATH_MAX - 1; name++) to[at++] = *name == '/' ? '_' : *name;
  to[at] = 0;
  return 1;
}

static void keep(int fd) {
  char path[PATH_MAX], to[PATH_MAX], draft[PATH_MAX + 32], buffer[65536];
  struct stat info;
  const char *name = watched(fd, path);
  if (name == NULL || !synced(to, name) || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return;
  snprintf(draft, sizeof draft, "%s.%d.draft", to, (int)gettid());
  int out = open(draft, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  /* Through the descriptor that there is: to open and close the file again would drop the locks on it. */
  off_t at = 0;
  /* One that is only written is none of SQLite's. */
  int in = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY ? open(path, O_RDONLY) : fd;
  for (;;) {
    ssize_t count = pread(in, buffer, sizeof buffer, at);
    if (count <= 0 || write(out, buffer, (size_t)count) != count) break;
    at += count;
  }
  if (in != fd) close(in);
  close(out);
  rename(draft, to);
}

/* A directory that is synced forgets what was removed from it. */
static void forget(int fd) {
  const char *root = getenv("TENDARR_DISK"), *copies = getenv("TENDARR_DISK_SYNCED");
  char link[64], path[PATH_MAX];
  if (root == NULL || copies == NULL) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return;
  path[length] = 0;
  if (strcmp(path, root) != 0) return;
  DIR *open = opendir(copies);
  for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
    if (entry->d_name[0] == '.' || strchr(entry->d_name, '_') != NULL) continue;
    snprintf(path, sizeof path, "%s/%s", root, entry->d_name);
    if (access(path, F_OK) == 0) continue;
    snprintf(path, sizeof path, "%s/%s", copies, entry->d_name);
    unlink(path);
  }
  if (open != NULL) closedir(open);
}

static int full(int fd) {
  char path[PATH_MAX];
  const char *mark = getenv("TENDARR_DISK_FULL");
  return mark != NULL && access(mark, F_OK) == 0 && watched(fd, path) != NULL;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) {
  int result = NEXT(fsync)(fd);
  if (result == 0) keep(fd), forget(fd);
  return result;
}

int fdatasync(int fd) {
  int result = NEXT(fdatasync)(fd);
  if (result == 0) keep(fd), forget(fd);
  return result;
}

int rename(const char *from, const char *to) {
  int result = NEXT(rename)(from, to);
  const char *root = getenv("TENDARR_DISK");
  char was[PATH_MAX], is[PATH_MAX];
  size_t prefix = root == NULL ? 0 : strlen(root);
  if (result == 0 && root != NULL && strncmp(from, root, prefix) == 0 && strncmp(to, root, prefix) == 0 &&
      synced(was, from + prefix + 1) && synced(is, to + prefix + 1))
    NEXT(rename)(was, is);
  return result;
}

#define REFUSE(fd) \
  if (full(fd)) { errno = ENOSPC; return -1; }

ssize_t write(int fd, const void *data, size_t count) {
  REFUSE(fd)
  return NEXT(write)(fd, data, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
  REFUSE(fd)
  return NEXT(pwrite)(fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
  REFUSE(fd)
  return NEXT(pwrite64)(fd, data, count, at);
}
