package directory

import (
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// schedIdle is SCHED_IDLE of sched(7): a thread that runs where nobody else wants the processor, and gives it away at once.
const schedIdle = 5

// lowestPriority lets other processes go first. On Linux a thread has a priority of its own, and threads have those of who
// makes them: so every one of this process gets it, until there is none without.
func lowestPriority() {
	priority := int32(0)
	done := map[int]bool{}
	for more := true; more; {
		more = false
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return
		}
		for _, task := range tasks {
			if id, err := strconv.Atoi(task.Name()); err == nil && !done[id] {
				done[id], more = true, true
				_, _, _ = syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(id), schedIdle, uintptr(unsafe.Pointer(&priority)))
			}
		}
	}
}
