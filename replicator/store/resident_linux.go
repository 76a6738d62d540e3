package store

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropResident gives the mapped pages of a file back to the system: they stay in its cache, and come back at the next
// touch, but no longer count as this process's memory. A load reads through the whole staging file; without this its
// memory would grow with the org. Failure is harmless, so it is not reported.
func dropResident(path string) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		if !strings.HasSuffix(line, abs) {
			continue
		}
		span, _, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(span, "-")
		begin, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err1 == nil && err2 == nil && begin < end {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(begin), uintptr(end-begin), unix.MADV_DONTNEED)
		}
	}
}
