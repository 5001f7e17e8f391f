import { Avatar, Menu, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { IconDeviceDesktop, IconListCheck, IconLogout, IconMoon, IconSun } from './icons'
import classes from './MemberMenu.module.css'

interface Props {
  member: { name: string; email: string; role: string }
  onSignOut: () => void
  compact?: boolean
}

const schemes: { value: MantineColorScheme; label: string; icon: typeof IconSun }[] = [
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
]

/** Who is signed in, how the page looks, and the way out. */
export function MemberMenu({ member, onSignOut, compact }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position={compact ? 'bottom-end' : 'top-start'} width={228}>
      <Menu.Target>
        <UnstyledButton
          className={classes.button}
          data-compact={compact}
          aria-label={`${member.name}, account menu`}
        >
          <Avatar name={member.name} color="initials" size={compact ? 34 : 36} radius="xl" alt="" />
          {!compact && (
            <span className={classes.who}>
              <span className={classes.name}>{member.name}</span>
              <span className={classes.role}>{member.role}</span>
            </span>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{member.email}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => {
            setColorScheme(value as MantineColorScheme)
          }}
        >
          {schemes.map(({ value, label, icon: Icon }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              closeMenuOnClick={false}
              rightSection={<Icon size={17} aria-hidden />}
            >
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        {compact && ( // a small screen's bar has no room for it
          <Menu.Item
            leftSection={<IconListCheck size={17} aria-hidden />}
            renderRoot={(props) => <Link to="/capabilities" {...props} />}
          >
            Platforms
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={17} aria-hidden />} onClick={onSignOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
