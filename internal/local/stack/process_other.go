//go:build !linux

package stack

import "syscall"

// groupAttr gives a tool its own process group. Only Linux can tie a child to its parent's life.
func groupAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func daemonAttr() *syscall.SysProcAttr { return groupAttr() }
