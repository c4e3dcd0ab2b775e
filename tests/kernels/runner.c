/* Calls functions of a library on arm64 under emulation, where there is no Python.
 *
 * runner LIBRARY < calls > results. All numbers are 64-bit little-endian. A call is: length of the name, name;
 * number of arguments; for each its kind and value: 0 is a number, 1 is memory of so many bytes, which follow.
 * A result is what the function returned, then the memory of each argument that had any.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARGUMENTS = 16 };
typedef int64_t number;
typedef number (*any)(number, number, number, number, number, number, number, number, number, number, number,
                      number, number, number, number, number);

static number next(void) {
    number value;
    if (fread(&value, sizeof value, 1, stdin) != 1) exit(3);
    return value;
}

static void write_out(const void *from, number bytes) {
    if (fwrite(from, 1, bytes, stdout) != (size_t)bytes) exit(4);
}

int main(int count, char **arguments) {
    void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
    char name[256];
    number length;
    while (fread(&length, sizeof length, 1, stdin) == 1) {
        if (length >= (number)sizeof name || fread(name, 1, length, stdin) != (size_t)length) return 3;
        name[length] = 0;
        any function = (any)dlsym(library, name);
        if (!function) return fprintf(stderr, "%s\n", dlerror()), 2;
        number values[ARGUMENTS] = {0}, bytes[ARGUMENTS] = {0}, given = next();
        for (number i = 0; i < given; i++) {
            number is_memory = next(), value = next();
            if (is_memory) {
                bytes[i] = value;
                void *memory = aligned_alloc(64, (value + 127) / 64 * 64);
                if (fread(memory, 1, value, stdin) != (size_t)value) return 3;
                value = (number)memory;
            }
            values[i] = value;
        }
        number *v = values, returned = function(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10],
                                                v[11], v[12], v[13], v[14], v[15]);
        write_out(&returned, sizeof returned);
        for (number i = 0; i < given; i++) {
            if (!bytes[i]) continue;
            write_out((void *)values[i], bytes[i]);
            free((void *)values[i]);
        }
    }
    return 0;
}
