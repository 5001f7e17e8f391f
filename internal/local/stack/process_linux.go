package stack

import "syscall"

// groupAttr gives a tool its own process group; it is killed when this process dies in any way.
func groupAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// daemonAttr is for the emulator: SIGTERM when this process dies, since it writes its state only then.
func daemonAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
