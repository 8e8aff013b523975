import type { MenuTarget } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import type { Page } from './context.ts'
import { usePage } from './context.ts'
import { Menu, type MenuItem } from './menu.tsx'

export function GraphMenu(props: { target: MenuTarget; at: { x: number; y: number }; onClose: () => void }) {
  const page = usePage()
  return (
    <Menu
      at={props.at}
      label={t('common.more')}
      items={itemsOf(page, props.target, props.at)}
      onClose={props.onClose}
    />
  )
}

function itemsOf(page: Page, target: MenuTarget, at: { x: number; y: number }): MenuItem[] {
  const { canvas, actions, store } = page
  const { commands } = canvas
  switch (target.kind) {
    case 'link':
      return [{ label: t('menu.removeLink'), act: target.remove }]
    case 'reroute':
      return [{ label: t('menu.removeReroute'), act: target.remove }]
    case 'border':
      return [
        { label: t('menu.rename'), act: target.rename },
        ...(target.disconnect ? [{ label: t('menu.disconnect'), act: target.disconnect }] : []),
        { label: t('menu.delete'), act: target.remove },
      ]
    case 'canvas':
      return [
        {
          label: t('menu.addNode'),
          act: () => {
            store.popup.value = { kind: 'search', at, place: target.at, link: undefined }
          },
        },
        {
          label: t('menu.paste'),
          keys: 'Ctrl+V',
          act: () => void actions.paste({ keepOuterLinks: false, at: target.at }),
        },
        'line',
        { label: t('menu.selectAll'), keys: 'Ctrl+A', act: () => commands.selectAll() },
        { label: t('menu.arrange'), keys: 'Ctrl+Shift+A', act: () => commands.arrange() },
        { label: t('menu.fit'), keys: '.', act: () => canvas.fit() },
      ]
    case 'group':
      return [
        { label: t('menu.rename'), act: () => canvas.renameGroup(target.groupId) },
        { label: t('menu.fitGroup'), act: () => commands.fitGroup(target.groupId) },
        { label: t('menu.pin'), keys: 'P', act: () => commands.pin() },
        ...colours(page),
        'line',
        { label: t('menu.ungroup'), keys: 'Del', act: () => commands.ungroup() },
        { label: t('menu.deleteGroup'), act: () => commands.deleteGroup(target.groupId) },
      ]
    case 'node':
      return nodeItems(page, target.nodeId)
  }
}

function nodeItems(page: Page, nodeId: string): MenuItem[] {
  const { canvas, actions, store } = page
  const { commands } = canvas
  const node = canvas.node(nodeId)
  const many = store.selected.value.length > 1
  const items: MenuItem[] = []
  if (node?.isSubgraph) {
    items.push({ label: t('menu.enter'), act: () => commands.enterSubgraph(nodeId) }, 'line')
  }
  if (node?.nodeType && !node.nodeType.isVirtual && !node.nodeType.isPlaceholder) {
    items.push(...runItems(page, nodeId, node.frozen !== undefined), 'line')
  }
  items.push(
    { label: t('menu.rename'), act: () => canvas.rename(nodeId) },
    { label: t('menu.duplicate'), keys: 'Ctrl+D', act: () => actions.duplicate() },
    { label: t('menu.copy'), keys: 'Ctrl+C', act: () => void actions.copy() },
    { label: t('menu.cut'), keys: 'Ctrl+X', act: () => void actions.cut() },
    'line',
    { label: t(node?.mode === 2 ? 'menu.unmute' : 'menu.mute'), keys: 'Ctrl+M', act: () => commands.mute() },
    {
      label: t(node?.mode === 4 ? 'menu.unbypass' : 'menu.bypass'),
      keys: 'Ctrl+B',
      act: () => commands.bypass(),
    },
    {
      label: t(node?.isCollapsed ? 'menu.expand' : 'menu.collapse'),
      keys: 'Alt+C',
      act: () => commands.collapse(),
    },
    { label: t(node?.isPinned ? 'menu.unpin' : 'menu.pin'), keys: 'P', act: () => commands.pin() },
    'line',
    { label: t('menu.group'), keys: 'Ctrl+G', act: () => commands.group(t('menu.groupTitle')) },
    {
      label: t('menu.toSubgraph'),
      keys: 'Ctrl+Shift+E',
      act: () => commands.toSubgraph(t('menu.subgraphTitle')),
    },
  )
  if (many) {
    items.push(
      { label: t('menu.alignLeft'), act: () => commands.align('left') },
      { label: t('menu.alignRight'), act: () => commands.align('right') },
      { label: t('menu.alignTop'), act: () => commands.align('top') },
      { label: t('menu.alignBottom'), act: () => commands.align('bottom') },
    )
    if (store.selected.value.length > 2) {
      items.push(
        { label: t('menu.distributeAcross'), act: () => commands.distribute('horizontal') },
        { label: t('menu.distributeDown'), act: () => commands.distribute('vertical') },
      )
    }
  }
  items.push(...colours(page), 'line', {
    label: t('menu.delete'),
    keys: 'Del',
    act: () => commands.deleteSelected(),
  })
  return items
}

/** What one node's run can do; what its result can do once there is one. */
function runItems({ actions }: Page, nodeId: string, isFrozen: boolean): MenuItem[] {
  const isRunning = actions.isRunning(nodeId)
  return [
    ...(isRunning ? [{ label: t('menu.stopNode'), act: () => void actions.stopNode(nodeId) }] : []),
    { label: t('menu.runNode'), act: () => void actions.runNode(nodeId, { isForced: false }) },
    {
      label: t('menu.runAnew'),
      keys: t('menu.shiftClick'),
      act: () => void actions.runNode(nodeId, { isForced: true }),
    },
    ...(isFrozen ? [{ label: t('menu.unfreeze'), act: () => actions.unfreezeNode(nodeId) }] : []),
    {
      label: t(isFrozen ? 'menu.freezeNew' : 'menu.freeze'),
      isDisabled: !actions.canFreeze(nodeId),
      act: () => void actions.freezeNode(nodeId),
    },
  ]
}

function colours({ canvas }: Page): MenuItem[] {
  return [
    { label: `${t('menu.color')}: ${t('menu.blue')}`, act: () => canvas.commands.setColor('blue') },
    { label: `${t('menu.color')}: ${t('menu.green')}`, act: () => canvas.commands.setColor('green') },
    { label: `${t('menu.color')}: ${t('menu.red')}`, act: () => canvas.commands.setColor('red') },
    { label: t('menu.noColor'), act: () => canvas.commands.setColor(undefined) },
  ]
}
