import { Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'

interface Props extends ButtonProps, Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> {
  ref?: Ref<HTMLAnchorElement>
}

function Look(props: Props) {
  return <Button component="a" {...props} />
}

/** A link of the page that looks like a button, with checked addresses. */
export const LinkButton = createLink(Look)
