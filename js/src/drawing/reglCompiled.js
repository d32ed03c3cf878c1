/**
 * Written by scripts/compile_map.py: what regl compiles for the embedding map, by the hash of its source.
 *
 * regl: Copyright (c) 2016 Mikola Lysenko, MIT licence; this is code that it generates.
 */
export const COMPILED={"2c5ca918782444dc1b237f4f3b8788212d65f783536af2ac77caae999a136473":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p){
"use strict";var t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,
Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le;return t=_.gl,e=_.context,i=_.strings,d=_.next,l=_.current,s=_.draw,y=_.elements,z=_.buffer,
N=_.shader,oi=_.attributes,Jl=_.vao,a=_.uniforms,f=_.framebuffer,ul=_.extensions,bi=_.timer,it=_.isBufferArgs,Te=d.blend_color,
K=l.blend_color,D=d.blend_equation,nt=l.blend_equation,re=d.blend_func,ce=l.blend_func,qt=d.depth_range,ql=l.depth_range,
kt=d.colorMask,P=l.colorMask,Ee=d.polygonOffset_offset,fl=l.polygonOffset_offset,Sl=d.sample_coverage,Ql=l.sample_coverage,
al=d.stencil_func,Ot=l.stencil_func,ge=d.stencil_opFront,U=l.stencil_opFront,ue=d.stencil_opBack,et=l.stencil_opBack,xl=
d.scissor_box,bl=l.scissor_box,Al=d.viewport,Fl=l.viewport,Kl={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"l\
ine loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},Xi={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},be={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},ft={add:32774,subtract:32778,"reverse \
subtract":32779},Gi={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Pt={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
Pl={cw:2304,ccw:2305},b={},b.size=2,r=new Float32Array(16),le=new Float32Array(16),{draw:function(u){var c,w,x,jl,B,m,k,
Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,
el,ie;if(c=f.next,c!==f.cur&&(c?t.bindFramebuffer(36160,c.framebuffer):t.bindFramebuffer(36160,null),f.cur=c),l.dirty){var Xt,
je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,
Ci,Mi,qi,ai,xi;Xt=d.dither,Xt!==l.dither&&(Xt?t.enable(3024):t.disable(3024),l.dither=Xt),je=Te[0],zt=Te[1],Yt=Te[2],tt=
Te[3],(je!==K[0]||zt!==K[1]||Yt!==K[2]||tt!==K[3])&&(t.blendColor(je,zt,Yt,tt),K[0]=je,K[1]=zt,K[2]=Yt,K[3]=tt),ot=D[0],
Pe=D[1],(ot!==nt[0]||Pe!==nt[1])&&(t.blendEquationSeparate(ot,Pe),nt[0]=ot,nt[1]=Pe),H=d.depth_func,H!==l.depth_func&&(t.
depthFunc(H),l.depth_func=H),He=qt[0],ae=qt[1],(He!==ql[0]||ae!==ql[1])&&(t.depthRange(He,ae),ql[0]=He,ql[1]=ae),_e=d.depth_mask,
_e!==l.depth_mask&&(t.depthMask(_e),l.depth_mask=_e),Zt=kt[0],ee=kt[1],ne=kt[2],Ae=kt[3],(Zt!==P[0]||ee!==P[1]||ne!==P[2]||
Ae!==P[3])&&(t.colorMask(Zt,ee,ne,Ae),P[0]=Zt,P[1]=ee,P[2]=ne,P[3]=Ae),tl=d.cull_enable,tl!==l.cull_enable&&(tl?t.enable(
2884):t.disable(2884),l.cull_enable=tl),xt=d.cull_face,xt!==l.cull_face&&(t.cullFace(xt),l.cull_face=xt),M=d.frontFace,M!==
l.frontFace&&(t.frontFace(M),l.frontFace=M),E=d.lineWidth,E!==l.lineWidth&&(t.lineWidth(E),l.lineWidth=E),Et=d.polygonOffset_enable,
Et!==l.polygonOffset_enable&&(Et?t.enable(32823):t.disable(32823),l.polygonOffset_enable=Et),ol=Ee[0],kl=Ee[1],(ol!==fl[0]||
kl!==fl[1])&&(t.polygonOffset(ol,kl),fl[0]=ol,fl[1]=kl),$t=d.sample_alpha,$t!==l.sample_alpha&&($t?t.enable(32926):t.disable(
32926),l.sample_alpha=$t),vt=d.sample_enable,vt!==l.sample_enable&&(vt?t.enable(32928):t.disable(32928),l.sample_enable=
vt),$e=Sl[0],Hl=Sl[1],($e!==Ql[0]||Hl!==Ql[1])&&(t.sampleCoverage($e,Hl),Ql[0]=$e,Ql[1]=Hl),St=d.stencil_enable,St!==l.stencil_enable&&
(St?t.enable(2960):t.disable(2960),l.stencil_enable=St),Ue=d.stencil_mask,Ue!==l.stencil_mask&&(t.stencilMask(Ue),l.stencil_mask=
Ue),Ge=al[0],At=al[1],we=al[2],(Ge!==Ot[0]||At!==Ot[1]||we!==Ot[2])&&(t.stencilFunc(Ge,At,we),Ot[0]=Ge,Ot[1]=At,Ot[2]=we),
Bt=ge[0],X=ge[1],me=ge[2],Rl=ge[3],(Bt!==U[0]||X!==U[1]||me!==U[2]||Rl!==U[3])&&(t.stencilOpSeparate(Bt,X,me,Rl),U[0]=Bt,
U[1]=X,U[2]=me,U[3]=Rl),ll=ue[0],Vt=ue[1],Bl=ue[2],j=ue[3],(ll!==et[0]||Vt!==et[1]||Bl!==et[2]||j!==et[3])&&(t.stencilOpSeparate(
ll,Vt,Bl,j),et[0]=ll,et[1]=Vt,et[2]=Bl,et[3]=j),fi=d.scissor_enable,fi!==l.scissor_enable&&(fi?t.enable(3089):t.disable(
3089),l.scissor_enable=fi),Z=xl[0],Vl=xl[1],ki=xl[2],Ci=xl[3],(Z!==bl[0]||Vl!==bl[1]||ki!==bl[2]||Ci!==bl[3])&&(t.scissor(
Z,Vl,ki,Ci),bl[0]=Z,bl[1]=Vl,bl[2]=ki,bl[3]=Ci),Mi=Al[0],qi=Al[1],ai=Al[2],xi=Al[3],(Mi!==Fl[0]||qi!==Fl[1]||ai!==Fl[2]||
xi!==Fl[3])&&(t.viewport(Mi,qi,ai,xi),Fl[0]=Mi,Fl[1]=qi,Fl[2]=ai,Fl[3]=xi)}ve?t.enable(3042):t.disable(3042),l.blend_enable=
ve,t.blendFuncSeparate(770,771,1,771),ce[0]=770,ce[1]=771,ce[2]=1,ce[3]=771,Ki?t.enable(2929):t.disable(2929),l.depth_enable=
Ki,w=l.profile,w&&(x=performance.now(),Tl.count++),t.useProgram(qe.program),Jl.setVAO(null),jl=mt.call(this,e,u,0),b.buffer=
jl,B=!1,m=1,k=0,Ie=0,Y=0,Me=0,fe=null,Oe=0,Ut=!1,$=5126,g=0,st=0,Ht=0,it(b)?(B=!0,fe=z.createStream(34962,b),$=fe.dtype):
(fe=z.getBuffer(b),fe?$=fe.dtype:"constant"in b?(m=2,typeof b.constant=="number"?(k=b.constant,Ie=Y=Me=0):(k=b.constant.
length>0?b.constant[0]:0,Ie=b.constant.length>1?b.constant[1]:0,Y=b.constant.length>2?b.constant[2]:0,Me=b.constant.length>
3?b.constant[3]:0)):(it(b.buffer)?fe=z.createStream(34962,b.buffer):fe=z.getBuffer(b.buffer),$="type"in b?Pt[b.type]:fe.
dtype,Ut=!!b.normalized,Oe=b.size|0,g=b.offset|0,st=b.stride|0,Ht=b.divisor|0)),Le=dt.location,W=oi[Le],m===1?(W.buffer||
t.enableVertexAttribArray(Le),T=Oe||2,(W.type!==$||W.size!==T||W.buffer!==fe||W.normalized!==Ut||W.offset!==g||W.stride!==
st)&&(t.bindBuffer(34962,fe.buffer),t.vertexAttribPointer(Le,T,$,Ut,st,g),W.type=$,W.size=T,W.buffer=fe,W.normalized=Ut,
W.offset=g,W.stride=st)):(W.buffer&&(t.disableVertexAttribArray(Le),W.buffer=null),(W.x!==k||W.y!==Ie||W.z!==Y||W.w!==Me)&&
(t.vertexAttrib4f(Le,k,Ie,Y,Me),W.x=k,W.y=Ie,W.z=Y,W.w=Me)),rl=A.call(this,e,u,0),t.uniform1f(Oi.location,rl),Kt=Ni.call(
this,e,u,0),Kt&&Kt._reglType==="framebuffer"&&(Kt=Kt.color[0]),hl=Kt._texture,t.uniform1i(Ti.location,hl.bind()),dl=q.call(
this,e,u,0),t.uniform1f(_i.location,dl),gt=Ji.call(this,e,u,0),t.uniform1f($i.location,gt),de=ji.call(this,e,u,0),t.uniform1f(
Fe.location,de),Ul=ri.call(this,e,u,0),t.uniform1f(Zi.location,Ul),Rt=jt.call(this,e,u,0),Rt&&Rt._reglType==="framebuffe\
r"&&(Rt=Rt.color[0]),Xl=Rt._texture,t.uniform1i(ct.location,Xl.bind()),pl=Qi.call(this,e,u,0),t.uniform1f(ci.location,pl),
_l=Be.call(this,e,u,0),t.uniform1f(V.location,_l),t.uniform1f(Pi.location,1),ut=J.call(this,e,u,0),t.uniform1f(O.location,
ut),Ll=ke.call(this,e,u,0),t.uniform1f(G.location,Ll),bt=Ve.call(this,e,u,0),t.uniform1f(lt.location,bt),Tt=wl.call(this,
e,u,0),t.uniform1f(Q.location,Tt),ii=hi.call(this,e,u,0),t.uniform1f(Di.location,ii),Yl=Vi.call(this,e,u,0),t.uniform1f(
Hi.location,Yl),yl=ti.call(this,e,u,0),t.uniform1f(Ii.location,yl),Nl=pi.call(this,e,u,0),t.uniform1f(di.location,Nl),I=
Wl.call(this,e,u,0),t.uniformMatrix4fv(Wi.location,!1,Array.isArray(I)||I instanceof Float32Array?I:(r[0]=I[0],r[1]=I[1],
r[2]=I[2],r[3]=I[3],r[4]=I[4],r[5]=I[5],r[6]=I[6],r[7]=I[7],r[8]=I[8],r[9]=I[9],r[10]=I[10],r[11]=I[11],r[12]=I[12],r[13]=
I[13],r[14]=I[14],r[15]=I[15],r)),t.uniform1f(yi.location,4),ni=mi.call(this,e,u,0),t.uniform1f(Ei.location,ni),L=ui.call(
this,e,u,0),t.uniform1f(Ri.location,L),pe=si.call(this,e,u,0),t.uniform1f(Ai.location,pe),Gl=wi.call(this,e,u,0),t.uniform1f(
zi.location,Gl),ei=Se.call(this,e,u,0),t.uniform1f(ze.location,ei),Zl=ht.call(this,e,u,0),t.uniform1f(Wt.location,Zl),$l=
Re.call(this,e,u,0),t.uniform1f(We.location,$l),wt=Fi.call(this,e,u,0),wt&&wt._reglType==="framebuffer"&&(wt=wt.color[0]),
sl=wt._texture,t.uniform1i(ml.location,sl.bind()),he=s.elements,he?t.bindBuffer(34963,he.buffer.buffer):Jl.currentVAO&&(he=
y.getElements(Jl.currentVAO.elements),he&&t.bindBuffer(34963,he.buffer.buffer)),el=s.offset,ie=Dt.call(this,e,u,0),ie&&(he?
t.drawElements(0,ie,he.type,el<<(he.type-5121>>1)):t.drawArrays(0,el,ie),l.dirty=!0,Jl.setVAO(null),w&&(Tl.cpuTime+=performance.
now()-x),B&&z.destroyStream(fe),hl.unbind(),Xl.unbind(),sl.unbind())},scope:function(u,c,w){var x,jl,B,m,k,Ie,Y,Me,fe,Oe,
Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,
zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,
Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui;x=d.blend_enable,d.blend_enable=Dl,jl=re[0],re[0]=h,B=re[1],re[1]=Je,m=re[2],re[2]=Gt,k=re[3],
re[3]=Xe,Ie=d.depth_enable,d.depth_enable=C,Y=l.profile,Y&&(Me=performance.now(),Tl.count++),fe=Dt.call(this,e,u,w),Oe=s.
count,s.count=fe,Ut=s.primitive,s.primitive=Si,$=a[cl],a[cl]=1,g=a[S],a[S]=4,st=El.call(this,e,u,w),Ht=a[It],a[It]=st,Le=
_t.call(this,e,u,w),W=a[Ce],a[Ce]=Le,T=Wl.call(this,e,u,w),rl=a[Qe],a[Qe]=T,Kt=Il.call(this,e,u,w),hl=a[Lt],a[Lt]=Kt,dl=
Se.call(this,e,u,w),gt=a[te],a[te]=dl,de=jt.call(this,e,u,w),Ul=a[xe],a[xe]=de,Rt=Be.call(this,e,u,w),Xl=a[se],a[se]=Rt,
pl=Qi.call(this,e,u,w),_l=a[il],a[il]=pl,ut=si.call(this,e,u,w),Ll=a[pt],a[pt]=ut,bt=wi.call(this,e,u,w),Tt=a[at],a[at]=
bt,ii=ht.call(this,e,u,w),Yl=a[yt],a[yt]=ii,yl=Ni.call(this,e,u,w),Nl=a[Ke],a[Ke]=yl,I=Ji.call(this,e,u,w),ni=a[Ye],a[Ye]=
I,L=q.call(this,e,u,w),pe=a[Ne],a[Ne]=L,Gl=Fi.call(this,e,u,w),ei=a[rt],a[rt]=Gl,Zl=Ol.call(this,e,u,w),$l=a[Cl],a[Cl]=Zl,
wt=Jt.call(this,e,u,w),sl=a[Ml],a[Ml]=wt,he=ke.call(this,e,u,w),el=a[Mt],a[Mt]=he,ie=J.call(this,e,u,w),Xt=a[ye],a[ye]=ie,
je=hi.call(this,e,u,w),zt=a[nl],a[nl]=je,Yt=wl.call(this,e,u,w),tt=a[Ft],a[Ft]=Yt,ot=Ve.call(this,e,u,w),Pe=a[Nt],a[Nt]=
ot,H=pi.call(this,e,u,w),He=a[Qt],a[Qt]=H,ae=ti.call(this,e,u,w),_e=a[De],a[De]=ae,Zt=Vi.call(this,e,u,w),ee=a[Ct],a[Ct]=
Zt,ne=A.call(this,e,u,w),Ae=a[Ze],a[Ze]=ne,tl=ui.call(this,e,u,w),xt=a[v],a[v]=tl,M=mi.call(this,e,u,w),E=a[oe],a[oe]=M,
Et=Re.call(this,e,u,w),ol=a[li],a[li]=Et,kl=ri.call(this,e,u,w),$t=a[gl],a[gl]=kl,vt=ji.call(this,e,u,w),$e=a[zl],a[zl]=
vt,Hl=mt.call(this,e,u,w),b.buffer=Hl,St=!1,Ue=1,Ge=0,At=0,we=0,Bt=0,X=null,me=0,Rl=!1,ll=5126,Vt=0,Bl=0,j=0,it(b)?(St=!0,
X=z.createStream(34962,b),ll=X.dtype):(X=z.getBuffer(b),X?ll=X.dtype:"constant"in b?(Ue=2,typeof b.constant=="number"?(Ge=
b.constant,At=we=Bt=0):(Ge=b.constant.length>0?b.constant[0]:0,At=b.constant.length>1?b.constant[1]:0,we=b.constant.length>
2?b.constant[2]:0,Bt=b.constant.length>3?b.constant[3]:0)):(it(b.buffer)?X=z.createStream(34962,b.buffer):X=z.getBuffer(
b.buffer),ll="type"in b?Pt[b.type]:X.dtype,Rl=!!b.normalized,me=b.size|0,Vt=b.offset|0,Bl=b.stride|0,j=b.divisor|0)),fi=
o.state,o.state=Ue,Z=o.x,o.x=Ge,Vl=o.y,o.y=At,ki=o.z,o.z=we,Ci=o.w,o.w=Bt,Mi=o.buffer,o.buffer=X,qi=o.size,o.size=me,ai=
o.normalized,o.normalized=Rl,xi=o.type,o.type=ll,vl=o.offset,o.offset=Vt,Li=o.stride,o.stride=Bl,Bi=o.divisor,o.divisor=
j,Yi=N.vert,N.vert=n,Ui=N.frag,N.frag=R,l.dirty=!0,c(e,u,w),d.blend_enable=x,re[0]=jl,re[1]=B,re[2]=m,re[3]=k,d.depth_enable=
Ie,Y&&(Tl.cpuTime+=performance.now()-Me),s.count=Oe,s.primitive=Ut,a[cl]=$,a[S]=g,a[It]=Ht,a[Ce]=W,a[Qe]=rl,a[Lt]=hl,a[te]=
gt,a[xe]=Ul,a[se]=Xl,a[il]=_l,a[pt]=Ll,a[at]=Tt,a[yt]=Yl,a[Ke]=Nl,a[Ye]=ni,a[Ne]=pe,a[rt]=ei,a[Cl]=$l,a[Ml]=sl,a[Mt]=el,
a[ye]=Xt,a[nl]=zt,a[Ft]=tt,a[Nt]=Pe,a[Qt]=He,a[De]=_e,a[Ct]=ee,a[Ze]=Ae,a[v]=xt,a[oe]=E,a[li]=ol,a[gl]=$t,a[zl]=$e,St&&z.
destroyStream(X),o.state=fi,o.x=Z,o.y=Vl,o.z=ki,o.w=Ci,o.buffer=Mi,o.size=qi,o.normalized=ai,o.type=xi,o.offset=vl,o.stride=
Li,o.divisor=Bi,N.vert=Yi,N.frag=Ui,l.dirty=!0},batch:function(u,c){var w,x,jl,B,m;if(w=f.next,w!==f.cur&&(w?t.bindFramebuffer(
36160,w.framebuffer):t.bindFramebuffer(36160,null),f.cur=w),l.dirty){var k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,
gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je;k=d.dither,k!==l.dither&&(k?t.enable(
3024):t.disable(3024),l.dither=k),Ie=Te[0],Y=Te[1],Me=Te[2],fe=Te[3],(Ie!==K[0]||Y!==K[1]||Me!==K[2]||fe!==K[3])&&(t.blendColor(
Ie,Y,Me,fe),K[0]=Ie,K[1]=Y,K[2]=Me,K[3]=fe),Oe=D[0],Ut=D[1],(Oe!==nt[0]||Ut!==nt[1])&&(t.blendEquationSeparate(Oe,Ut),nt[0]=
Oe,nt[1]=Ut),$=d.depth_func,$!==l.depth_func&&(t.depthFunc($),l.depth_func=$),g=qt[0],st=qt[1],(g!==ql[0]||st!==ql[1])&&
(t.depthRange(g,st),ql[0]=g,ql[1]=st),Ht=d.depth_mask,Ht!==l.depth_mask&&(t.depthMask(Ht),l.depth_mask=Ht),Le=kt[0],W=kt[1],
T=kt[2],rl=kt[3],(Le!==P[0]||W!==P[1]||T!==P[2]||rl!==P[3])&&(t.colorMask(Le,W,T,rl),P[0]=Le,P[1]=W,P[2]=T,P[3]=rl),Kt=d.
cull_enable,Kt!==l.cull_enable&&(Kt?t.enable(2884):t.disable(2884),l.cull_enable=Kt),hl=d.cull_face,hl!==l.cull_face&&(t.
cullFace(hl),l.cull_face=hl),dl=d.frontFace,dl!==l.frontFace&&(t.frontFace(dl),l.frontFace=dl),gt=d.lineWidth,gt!==l.lineWidth&&
(t.lineWidth(gt),l.lineWidth=gt),de=d.polygonOffset_enable,de!==l.polygonOffset_enable&&(de?t.enable(32823):t.disable(32823),
l.polygonOffset_enable=de),Ul=Ee[0],Rt=Ee[1],(Ul!==fl[0]||Rt!==fl[1])&&(t.polygonOffset(Ul,Rt),fl[0]=Ul,fl[1]=Rt),Xl=d.sample_alpha,
Xl!==l.sample_alpha&&(Xl?t.enable(32926):t.disable(32926),l.sample_alpha=Xl),pl=d.sample_enable,pl!==l.sample_enable&&(pl?
t.enable(32928):t.disable(32928),l.sample_enable=pl),_l=Sl[0],ut=Sl[1],(_l!==Ql[0]||ut!==Ql[1])&&(t.sampleCoverage(_l,ut),
Ql[0]=_l,Ql[1]=ut),Ll=d.stencil_enable,Ll!==l.stencil_enable&&(Ll?t.enable(2960):t.disable(2960),l.stencil_enable=Ll),bt=
d.stencil_mask,bt!==l.stencil_mask&&(t.stencilMask(bt),l.stencil_mask=bt),Tt=al[0],ii=al[1],Yl=al[2],(Tt!==Ot[0]||ii!==Ot[1]||
Yl!==Ot[2])&&(t.stencilFunc(Tt,ii,Yl),Ot[0]=Tt,Ot[1]=ii,Ot[2]=Yl),yl=ge[0],Nl=ge[1],I=ge[2],ni=ge[3],(yl!==U[0]||Nl!==U[1]||
I!==U[2]||ni!==U[3])&&(t.stencilOpSeparate(yl,Nl,I,ni),U[0]=yl,U[1]=Nl,U[2]=I,U[3]=ni),L=ue[0],pe=ue[1],Gl=ue[2],ei=ue[3],
(L!==et[0]||pe!==et[1]||Gl!==et[2]||ei!==et[3])&&(t.stencilOpSeparate(L,pe,Gl,ei),et[0]=L,et[1]=pe,et[2]=Gl,et[3]=ei),Zl=
d.scissor_enable,Zl!==l.scissor_enable&&(Zl?t.enable(3089):t.disable(3089),l.scissor_enable=Zl),$l=xl[0],wt=xl[1],sl=xl[2],
he=xl[3],($l!==bl[0]||wt!==bl[1]||sl!==bl[2]||he!==bl[3])&&(t.scissor($l,wt,sl,he),bl[0]=$l,bl[1]=wt,bl[2]=sl,bl[3]=he),
el=Al[0],ie=Al[1],Xt=Al[2],je=Al[3],(el!==Fl[0]||ie!==Fl[1]||Xt!==Fl[2]||je!==Fl[3])&&(t.viewport(el,ie,Xt,je),Fl[0]=el,
Fl[1]=ie,Fl[2]=Xt,Fl[3]=je)}F?t.enable(3042):t.disable(3042),l.blend_enable=F,t.blendFuncSeparate(770,771,1,771),ce[0]=770,
ce[1]=771,ce[2]=1,ce[3]=771,p?t.enable(2929):t.disable(2929),l.depth_enable=p,x=l.profile,x&&(jl=performance.now(),Tl.count+=
c),t.useProgram(qe.program);var zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,
me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi;for(Jl.setVAO(null),zt=mt.call(this,e,m,B),b.buffer=zt,Yt=!1,tt=1,ot=
0,Pe=0,H=0,He=0,ae=null,_e=0,Zt=!1,ee=5126,ne=0,Ae=0,tl=0,it(b)?(Yt=!0,ae=z.createStream(34962,b),ee=ae.dtype):(ae=z.getBuffer(
b),ae?ee=ae.dtype:"constant"in b?(tt=2,typeof b.constant=="number"?(ot=b.constant,Pe=H=He=0):(ot=b.constant.length>0?b.constant[0]:
0,Pe=b.constant.length>1?b.constant[1]:0,H=b.constant.length>2?b.constant[2]:0,He=b.constant.length>3?b.constant[3]:0)):
(it(b.buffer)?ae=z.createStream(34962,b.buffer):ae=z.getBuffer(b.buffer),ee="type"in b?Pt[b.type]:ae.dtype,Zt=!!b.normalized,
_e=b.size|0,ne=b.offset|0,Ae=b.stride|0,tl=b.divisor|0)),xt=dt.location,M=oi[xt],tt===1?(M.buffer||t.enableVertexAttribArray(
xt),E=_e||2,(M.type!==ee||M.size!==E||M.buffer!==ae||M.normalized!==Zt||M.offset!==ne||M.stride!==Ae)&&(t.bindBuffer(34962,
ae.buffer),t.vertexAttribPointer(xt,E,ee,Zt,Ae,ne),M.type=ee,M.size=E,M.buffer=ae,M.normalized=Zt,M.offset=ne,M.stride=Ae)):
(M.buffer&&(t.disableVertexAttribArray(xt),M.buffer=null),(M.x!==ot||M.y!==Pe||M.z!==H||M.w!==He)&&(t.vertexAttrib4f(xt,
ot,Pe,H,He),M.x=ot,M.y=Pe,M.z=H,M.w=He)),Et=A.call(this,e,m,B),t.uniform1f(Oi.location,Et),ol=Ni.call(this,e,m,B),ol&&ol.
_reglType==="framebuffer"&&(ol=ol.color[0]),kl=ol._texture,t.uniform1i(Ti.location,kl.bind()),$t=q.call(this,e,m,B),t.uniform1f(
_i.location,$t),vt=Ji.call(this,e,m,B),t.uniform1f($i.location,vt),$e=ji.call(this,e,m,B),t.uniform1f(Fe.location,$e),Hl=
ri.call(this,e,m,B),t.uniform1f(Zi.location,Hl),St=jt.call(this,e,m,B),St&&St._reglType==="framebuffer"&&(St=St.color[0]),
Ue=St._texture,t.uniform1i(ct.location,Ue.bind()),Ge=Qi.call(this,e,m,B),t.uniform1f(ci.location,Ge),At=Be.call(this,e,m,
B),t.uniform1f(V.location,At),t.uniform1f(Pi.location,1),we=J.call(this,e,m,B),t.uniform1f(O.location,we),Bt=ke.call(this,
e,m,B),t.uniform1f(G.location,Bt),X=Ve.call(this,e,m,B),t.uniform1f(lt.location,X),me=wl.call(this,e,m,B),t.uniform1f(Q.
location,me),Rl=hi.call(this,e,m,B),t.uniform1f(Di.location,Rl),ll=Vi.call(this,e,m,B),t.uniform1f(Hi.location,ll),Vt=ti.
call(this,e,m,B),t.uniform1f(Ii.location,Vt),Bl=pi.call(this,e,m,B),t.uniform1f(di.location,Bl),j=Wl.call(this,e,m,B),t.
uniformMatrix4fv(Wi.location,!1,Array.isArray(j)||j instanceof Float32Array?j:(le[0]=j[0],le[1]=j[1],le[2]=j[2],le[3]=j[3],
le[4]=j[4],le[5]=j[5],le[6]=j[6],le[7]=j[7],le[8]=j[8],le[9]=j[9],le[10]=j[10],le[11]=j[11],le[12]=j[12],le[13]=j[13],le[14]=
j[14],le[15]=j[15],le)),t.uniform1f(yi.location,4),fi=mi.call(this,e,m,B),t.uniform1f(Ei.location,fi),Z=ui.call(this,e,m,
B),t.uniform1f(Ri.location,Z),Vl=si.call(this,e,m,B),t.uniform1f(Ai.location,Vl),ki=wi.call(this,e,m,B),t.uniform1f(zi.location,
ki),Ci=Se.call(this,e,m,B),t.uniform1f(ze.location,Ci),Mi=ht.call(this,e,m,B),t.uniform1f(Wt.location,Mi),qi=Re.call(this,
e,m,B),t.uniform1f(We.location,qi),ai=Fi.call(this,e,m,B),ai&&ai._reglType==="framebuffer"&&(ai=ai.color[0]),xi=ai._texture,
t.uniform1i(ml.location,xi.bind()),vl=s.elements,vl?t.bindBuffer(34963,vl.buffer.buffer):Jl.currentVAO&&(vl=y.getElements(
Jl.currentVAO.elements),vl&&t.bindBuffer(34963,vl.buffer.buffer)),Li=s.offset,Bi=Dt.call(this,e,m,B),B=0;B<c;++B)m=u[B],
Bi&&(vl?t.drawElements(0,Bi,vl.type,Li<<(vl.type-5121>>1)):t.drawArrays(0,Li,Bi));Yt&&z.destroyStream(ae),kl.unbind(),Ue.
unbind(),xi.unbind(),l.dirty=!0,Jl.setVAO(null),x&&(Tl.cpuTime+=performance.now()-jl)}}},"30680f8f6712ef1af5cf7547e0af35\
b036fb300c67b07967cf448492ff4de4d0":function(_,Tl,ve,Ki,qe,mt,dt,Oi){"use strict";var A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,
jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht;return A=_.gl,
Ti=_.context,Ni=_.strings,_i=_.next,q=_.current,$i=_.draw,Ji=_.elements,Fe=_.buffer,ji=_.shader,Zi=_.attributes,ri=_.vao,
ct=_.uniforms,jt=_.framebuffer,ci=_.extensions,Qi=_.timer,V=_.isBufferArgs,Be=_i.blend_color,Pi=q.blend_color,O=_i.blend_equation,
J=q.blend_equation,G=_i.blend_func,ke=q.blend_func,lt=_i.depth_range,Ve=q.depth_range,Q=_i.colorMask,wl=q.colorMask,Di=_i.
polygonOffset_offset,hi=q.polygonOffset_offset,Hi=_i.sample_coverage,Vi=q.sample_coverage,Ii=_i.stencil_func,ti=q.stencil_func,
di=_i.stencil_opFront,pi=q.stencil_opFront,Wi=_i.stencil_opBack,Wl=q.stencil_opBack,yi=_i.scissor_box,Ei=q.scissor_box,mi=
_i.viewport,Ri=q.viewport,ui={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"line loop":2,"line strip":3,"trian\
gle strip":5,"triangle fan":6},Ai={never:512,less:513,"<":513,equal:514,"=":514,"==":514,"===":514,lequal:515,"<=":515,greater:516,
">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},si={0:0,1:1,zero:0,one:1,"src color":768,"one mi\
nus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"one minus dst color":775,"dst alpha":772,"\
one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,"constant alpha":32771,"one minus const\
ant alpha":32772,"src alpha saturate":776},zi={add:32774,subtract:32778,"reverse subtract":32779},wi={0:0,zero:0,keep:7680,
replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement wrap":34056,invert:5386},ze={int8:5120,int16:5122,
int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},Se={cw:2304,ccw:2305},Wt={},ht={},{draw:function(We){
var Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe;if(Re=We.framebuffer,ml=jt.getFramebuffer(Re),Fi=jt.next,jt.next=
ml,Dt=Ti.framebufferWidth,Ti.framebufferWidth=ml?ml.width:Ti.drawingBufferWidth,Dl=Ti.framebufferHeight,Ti.framebufferHeight=
ml?ml.height:Ti.drawingBufferHeight,ml!==jt.cur&&(ml?A.bindFramebuffer(36160,ml.framebuffer):A.bindFramebuffer(36160,null),
jt.cur=ml),q.dirty){var Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,
R,F,p,t,e,i,d,l,s,y,z,N,oi;Il=_i.dither,Il!==q.dither&&(Il?A.enable(3024):A.disable(3024),q.dither=Il),Lt=_i.blend_enable,
Lt!==q.blend_enable&&(Lt?A.enable(3042):A.disable(3042),q.blend_enable=Lt),te=Be[0],xe=Be[1],se=Be[2],il=Be[3],(te!==Pi[0]||
xe!==Pi[1]||se!==Pi[2]||il!==Pi[3])&&(A.blendColor(te,xe,se,il),Pi[0]=te,Pi[1]=xe,Pi[2]=se,Pi[3]=il),pt=O[0],at=O[1],(pt!==
J[0]||at!==J[1])&&(A.blendEquationSeparate(pt,at),J[0]=pt,J[1]=at),yt=G[0],Ke=G[1],Ye=G[2],Ne=G[3],(yt!==ke[0]||Ke!==ke[1]||
Ye!==ke[2]||Ne!==ke[3])&&(A.blendFuncSeparate(yt,Ke,Ye,Ne),ke[0]=yt,ke[1]=Ke,ke[2]=Ye,ke[3]=Ne),rt=_i.depth_enable,rt!==
q.depth_enable&&(rt?A.enable(2929):A.disable(2929),q.depth_enable=rt),Ol=_i.depth_func,Ol!==q.depth_func&&(A.depthFunc(Ol),
q.depth_func=Ol),Cl=lt[0],Jt=lt[1],(Cl!==Ve[0]||Jt!==Ve[1])&&(A.depthRange(Cl,Jt),Ve[0]=Cl,Ve[1]=Jt),Ml=_i.depth_mask,Ml!==
q.depth_mask&&(A.depthMask(Ml),q.depth_mask=Ml),Mt=Q[0],ye=Q[1],nl=Q[2],Ft=Q[3],(Mt!==wl[0]||ye!==wl[1]||nl!==wl[2]||Ft!==
wl[3])&&(A.colorMask(Mt,ye,nl,Ft),wl[0]=Mt,wl[1]=ye,wl[2]=nl,wl[3]=Ft),Nt=_i.cull_enable,Nt!==q.cull_enable&&(Nt?A.enable(
2884):A.disable(2884),q.cull_enable=Nt),Qt=_i.cull_face,Qt!==q.cull_face&&(A.cullFace(Qt),q.cull_face=Qt),De=_i.frontFace,
De!==q.frontFace&&(A.frontFace(De),q.frontFace=De),Ct=_i.lineWidth,Ct!==q.lineWidth&&(A.lineWidth(Ct),q.lineWidth=Ct),Ze=
_i.polygonOffset_enable,Ze!==q.polygonOffset_enable&&(Ze?A.enable(32823):A.disable(32823),q.polygonOffset_enable=Ze),v=Di[0],
oe=Di[1],(v!==hi[0]||oe!==hi[1])&&(A.polygonOffset(v,oe),hi[0]=v,hi[1]=oe),li=_i.sample_alpha,li!==q.sample_alpha&&(li?A.
enable(32926):A.disable(32926),q.sample_alpha=li),gl=_i.sample_enable,gl!==q.sample_enable&&(gl?A.enable(32928):A.disable(
32928),q.sample_enable=gl),zl=Hi[0],o=Hi[1],(zl!==Vi[0]||o!==Vi[1])&&(A.sampleCoverage(zl,o),Vi[0]=zl,Vi[1]=o),n=_i.stencil_enable,
n!==q.stencil_enable&&(n?A.enable(2960):A.disable(2960),q.stencil_enable=n),R=_i.stencil_mask,R!==q.stencil_mask&&(A.stencilMask(
R),q.stencil_mask=R),F=Ii[0],p=Ii[1],t=Ii[2],(F!==ti[0]||p!==ti[1]||t!==ti[2])&&(A.stencilFunc(F,p,t),ti[0]=F,ti[1]=p,ti[2]=
t),e=di[0],i=di[1],d=di[2],l=di[3],(e!==pi[0]||i!==pi[1]||d!==pi[2]||l!==pi[3])&&(A.stencilOpSeparate(e,i,d,l),pi[0]=e,pi[1]=
i,pi[2]=d,pi[3]=l),s=Wi[0],y=Wi[1],z=Wi[2],N=Wi[3],(s!==Wl[0]||y!==Wl[1]||z!==Wl[2]||N!==Wl[3])&&(A.stencilOpSeparate(s,
y,z,N),Wl[0]=s,Wl[1]=y,Wl[2]=z,Wl[3]=N),oi=_i.scissor_enable,oi!==q.scissor_enable&&(oi?A.enable(3089):A.disable(3089),q.
scissor_enable=oi)}h=Ti.framebufferWidth,Je=Ti.framebufferHeight,Gt=Ti.viewportWidth,Ti.viewportWidth=h,Xe=Ti.viewportHeight,
Ti.viewportHeight=Je,A.viewport(0,0,h,Je),Ri[0]=0,Ri[1]=0,Ri[2]=h,Ri[3]=Je,C=Ti.framebufferWidth,Si=Ti.framebufferHeight,
A.scissor(0,0,C,Si),Ei[0]=0,Ei[1]=0,Ei[2]=C,Ei[3]=Si,cl=q.profile,cl&&(S=performance.now(),Tl.count++),El=ji.frag,It=ji.
vert,_t=ji.program(It,El),A.useProgram(_t.program),ri.setVAO(null),Ce=_t.id,Qe=Wt[Ce],Qe?Qe.call(this,We):(Qe=Wt[Ce]=ve(
_t),Qe.call(this,We)),q.dirty=!0,ri.setVAO(null),jt.next=Fi,Ti.framebufferWidth=Dt,Ti.framebufferHeight=Dl,Ti.viewportWidth=
Gt,Ti.viewportHeight=Xe,cl&&(Tl.cpuTime+=performance.now()-S)},scope:function(We,Re,ml){var Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,
S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se;Fi=We.framebuffer,Dt=jt.getFramebuffer(Fi),Dl=jt.next,jt.next=Dt,h=Ti.framebufferWidth,Ti.
framebufferWidth=Dt?Dt.width:Ti.drawingBufferWidth,Je=Ti.framebufferHeight,Ti.framebufferHeight=Dt?Dt.height:Ti.drawingBufferHeight,
Gt=Ti.framebufferWidth,Xe=Ti.framebufferHeight,C=Ti.viewportWidth,Ti.viewportWidth=Gt,Si=Ti.viewportHeight,Ti.viewportHeight=
Xe,cl=mi[0],mi[0]=Ki,S=mi[1],mi[1]=qe,El=mi[2],mi[2]=Gt,It=mi[3],mi[3]=Xe,_t=Ti.framebufferWidth,Ce=Ti.framebufferHeight,
Qe=yi[0],yi[0]=mt,Il=yi[1],yi[1]=dt,Lt=yi[2],yi[2]=_t,te=yi[3],yi[3]=Ce,xe=q.profile,xe&&(se=performance.now(),Tl.count++),
q.dirty=!0,Re(Ti,We,ml),jt.next=Dl,Ti.framebufferWidth=h,Ti.framebufferHeight=Je,Ti.viewportWidth=C,Ti.viewportHeight=Si,
mi[0]=cl,mi[1]=S,mi[2]=El,mi[3]=It,yi[0]=Qe,yi[1]=Il,yi[2]=Lt,yi[3]=te,xe&&(Tl.cpuTime+=performance.now()-se),q.dirty=!0},
batch:function(We,Re){var ml,Fi,Dt,Dl,h,Je,Gt;if(q.dirty){var Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,
Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p;Xe=_i.dither,Xe!==q.dither&&(Xe?A.enable(3024):A.
disable(3024),q.dither=Xe),C=_i.blend_enable,C!==q.blend_enable&&(C?A.enable(3042):A.disable(3042),q.blend_enable=C),Si=
Be[0],cl=Be[1],S=Be[2],El=Be[3],(Si!==Pi[0]||cl!==Pi[1]||S!==Pi[2]||El!==Pi[3])&&(A.blendColor(Si,cl,S,El),Pi[0]=Si,Pi[1]=
cl,Pi[2]=S,Pi[3]=El),It=O[0],_t=O[1],(It!==J[0]||_t!==J[1])&&(A.blendEquationSeparate(It,_t),J[0]=It,J[1]=_t),Ce=G[0],Qe=
G[1],Il=G[2],Lt=G[3],(Ce!==ke[0]||Qe!==ke[1]||Il!==ke[2]||Lt!==ke[3])&&(A.blendFuncSeparate(Ce,Qe,Il,Lt),ke[0]=Ce,ke[1]=
Qe,ke[2]=Il,ke[3]=Lt),te=_i.depth_enable,te!==q.depth_enable&&(te?A.enable(2929):A.disable(2929),q.depth_enable=te),xe=_i.
depth_func,xe!==q.depth_func&&(A.depthFunc(xe),q.depth_func=xe),se=lt[0],il=lt[1],(se!==Ve[0]||il!==Ve[1])&&(A.depthRange(
se,il),Ve[0]=se,Ve[1]=il),pt=_i.depth_mask,pt!==q.depth_mask&&(A.depthMask(pt),q.depth_mask=pt),at=Q[0],yt=Q[1],Ke=Q[2],
Ye=Q[3],(at!==wl[0]||yt!==wl[1]||Ke!==wl[2]||Ye!==wl[3])&&(A.colorMask(at,yt,Ke,Ye),wl[0]=at,wl[1]=yt,wl[2]=Ke,wl[3]=Ye),
Ne=_i.cull_enable,Ne!==q.cull_enable&&(Ne?A.enable(2884):A.disable(2884),q.cull_enable=Ne),rt=_i.cull_face,rt!==q.cull_face&&
(A.cullFace(rt),q.cull_face=rt),Ol=_i.frontFace,Ol!==q.frontFace&&(A.frontFace(Ol),q.frontFace=Ol),Cl=_i.lineWidth,Cl!==
q.lineWidth&&(A.lineWidth(Cl),q.lineWidth=Cl),Jt=_i.polygonOffset_enable,Jt!==q.polygonOffset_enable&&(Jt?A.enable(32823):
A.disable(32823),q.polygonOffset_enable=Jt),Ml=Di[0],Mt=Di[1],(Ml!==hi[0]||Mt!==hi[1])&&(A.polygonOffset(Ml,Mt),hi[0]=Ml,
hi[1]=Mt),ye=_i.sample_alpha,ye!==q.sample_alpha&&(ye?A.enable(32926):A.disable(32926),q.sample_alpha=ye),nl=_i.sample_enable,
nl!==q.sample_enable&&(nl?A.enable(32928):A.disable(32928),q.sample_enable=nl),Ft=Hi[0],Nt=Hi[1],(Ft!==Vi[0]||Nt!==Vi[1])&&
(A.sampleCoverage(Ft,Nt),Vi[0]=Ft,Vi[1]=Nt),Qt=_i.stencil_enable,Qt!==q.stencil_enable&&(Qt?A.enable(2960):A.disable(2960),
q.stencil_enable=Qt),De=_i.stencil_mask,De!==q.stencil_mask&&(A.stencilMask(De),q.stencil_mask=De),Ct=Ii[0],Ze=Ii[1],v=Ii[2],
(Ct!==ti[0]||Ze!==ti[1]||v!==ti[2])&&(A.stencilFunc(Ct,Ze,v),ti[0]=Ct,ti[1]=Ze,ti[2]=v),oe=di[0],li=di[1],gl=di[2],zl=di[3],
(oe!==pi[0]||li!==pi[1]||gl!==pi[2]||zl!==pi[3])&&(A.stencilOpSeparate(oe,li,gl,zl),pi[0]=oe,pi[1]=li,pi[2]=gl,pi[3]=zl),
o=Wi[0],n=Wi[1],R=Wi[2],F=Wi[3],(o!==Wl[0]||n!==Wl[1]||R!==Wl[2]||F!==Wl[3])&&(A.stencilOpSeparate(o,n,R,F),Wl[0]=o,Wl[1]=
n,Wl[2]=R,Wl[3]=F),p=_i.scissor_enable,p!==q.scissor_enable&&(p?A.enable(3089):A.disable(3089),q.scissor_enable=p)}ml=q.
profile,ml&&(Fi=performance.now(),Tl.count+=Re),Dt=ji.frag,Dl=ji.vert,h=ji.program(Dl,Dt),A.useProgram(h.program),ri.setVAO(
null),Je=h.id,Gt=ht[Je],Gt?Gt.call(this,We,Re):(Gt=ht[Je]=Oi(h),Gt.call(this,We,Re)),q.dirty=!0,ri.setVAO(null),ml&&(Tl.
cpuTime+=performance.now()-Fi)}}},"453a70fefa48db31713162aeb1ac438cb8579f54504f3b23acf32128df3dfd45":function(_,Tl){"use\
 strict";var ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,
di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It;return ve=_.gl,Ki=_.context,
qe=_.strings,mt=_.next,dt=_.current,Oi=_.draw,A=_.elements,Ti=_.buffer,Ni=_.shader,_i=_.attributes,q=_.vao,$i=_.uniforms,
Ji=_.framebuffer,Fe=_.extensions,ji=_.timer,Zi=_.isBufferArgs,ri=mt.blend_color,ct=dt.blend_color,jt=mt.blend_equation,ci=
dt.blend_equation,Qi=mt.blend_func,V=dt.blend_func,Be=mt.depth_range,Pi=dt.depth_range,O=mt.colorMask,J=dt.colorMask,G=mt.
polygonOffset_offset,ke=dt.polygonOffset_offset,lt=mt.sample_coverage,Ve=dt.sample_coverage,Q=mt.stencil_func,wl=dt.stencil_func,
Di=mt.stencil_opFront,hi=dt.stencil_opFront,Hi=mt.stencil_opBack,Vi=dt.stencil_opBack,Ii=mt.scissor_box,ti=dt.scissor_box,
di=mt.viewport,pi=dt.viewport,Wi={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"line loop":2,"line strip":3,"t\
riangle strip":5,"triangle fan":6},Wl={never:512,less:513,"<":513,equal:514,"=":514,"==":514,"===":514,lequal:515,"<=":515,
greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},yi={0:0,1:1,zero:0,one:1,"src color":768,
"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"one minus dst color":775,"dst alpha":772,
"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,"constant alpha":32771,"one minus cons\
tant alpha":32772,"src alpha saturate":776},Ei={add:32774,subtract:32778,"reverse subtract":32779},mi={0:0,zero:0,keep:7680,
replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement wrap":34056,invert:5386},Ri={int8:5120,int16:5122,
int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},ui={cw:2304,ccw:2305},Ai=mt.blend_color,si=dt.blend_color,
zi=mt.blend_equation,wi=dt.blend_equation,ze=mt.blend_func,Se=dt.blend_func,Wt=mt.depth_range,ht=dt.depth_range,We=mt.colorMask,
Re=dt.colorMask,ml=mt.polygonOffset_offset,Fi=dt.polygonOffset_offset,Dt=mt.sample_coverage,Dl=dt.sample_coverage,h=mt.stencil_func,
Je=dt.stencil_func,Gt=mt.stencil_opFront,Xe=dt.stencil_opFront,C=mt.stencil_opBack,Si=dt.stencil_opBack,cl=mt.scissor_box,
S=dt.scissor_box,El=mt.viewport,It=dt.viewport,{poll:function(){var _t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,
Jt,Ml,Mt,ye;dt.dirty=!1,Ce=mt.dither,Qe=mt.blend_enable,Il=mt.depth_enable,Lt=mt.cull_enable,te=mt.polygonOffset_enable,
xe=mt.sample_alpha,se=mt.sample_enable,il=mt.stencil_enable,pt=mt.scissor_enable,at=mt.depth_func,yt=dt.depth_func,Ke=mt.
depth_mask,Ye=dt.depth_mask,Ne=mt.cull_face,rt=dt.cull_face,Ol=mt.frontFace,Cl=dt.frontFace,Jt=mt.lineWidth,Ml=dt.lineWidth,
Mt=mt.stencil_mask,ye=dt.stencil_mask,_t=Ji.next,_t!==Ji.cur&&(_t?ve.bindFramebuffer(36160,_t.framebuffer):ve.bindFramebuffer(
36160,null),Ji.cur=_t),Ce!==dt.dither&&(Ce?ve.enable(3024):ve.disable(3024),dt.dither=Ce),Qe!==dt.blend_enable&&(Qe?ve.enable(
3042):ve.disable(3042),dt.blend_enable=Qe),Il!==dt.depth_enable&&(Il?ve.enable(2929):ve.disable(2929),dt.depth_enable=Il),
Lt!==dt.cull_enable&&(Lt?ve.enable(2884):ve.disable(2884),dt.cull_enable=Lt),te!==dt.polygonOffset_enable&&(te?ve.enable(
32823):ve.disable(32823),dt.polygonOffset_enable=te),xe!==dt.sample_alpha&&(xe?ve.enable(32926):ve.disable(32926),dt.sample_alpha=
xe),se!==dt.sample_enable&&(se?ve.enable(32928):ve.disable(32928),dt.sample_enable=se),il!==dt.stencil_enable&&(il?ve.enable(
2960):ve.disable(2960),dt.stencil_enable=il),pt!==dt.scissor_enable&&(pt?ve.enable(3089):ve.disable(3089),dt.scissor_enable=
pt),(Ai[0]!==si[0]||Ai[1]!==si[1]||Ai[2]!==si[2]||Ai[3]!==si[3])&&(ve.blendColor(Ai[0],Ai[1],Ai[2],Ai[3]),si[0]=Ai[0],si[1]=
Ai[1],si[2]=Ai[2],si[3]=Ai[3]),(zi[0]!==wi[0]||zi[1]!==wi[1])&&(ve.blendEquationSeparate(zi[0],zi[1]),wi[0]=zi[0],wi[1]=
zi[1]),(ze[0]!==Se[0]||ze[1]!==Se[1]||ze[2]!==Se[2]||ze[3]!==Se[3])&&(ve.blendFuncSeparate(ze[0],ze[1],ze[2],ze[3]),Se[0]=
ze[0],Se[1]=ze[1],Se[2]=ze[2],Se[3]=ze[3]),at!==yt&&(ve.depthFunc(at),dt.depth_func=at),(Wt[0]!==ht[0]||Wt[1]!==ht[1])&&
(ve.depthRange(Wt[0],Wt[1]),ht[0]=Wt[0],ht[1]=Wt[1]),Ke!==Ye&&(ve.depthMask(Ke),dt.depth_mask=Ke),(We[0]!==Re[0]||We[1]!==
Re[1]||We[2]!==Re[2]||We[3]!==Re[3])&&(ve.colorMask(We[0],We[1],We[2],We[3]),Re[0]=We[0],Re[1]=We[1],Re[2]=We[2],Re[3]=We[3]),
Ne!==rt&&(ve.cullFace(Ne),dt.cull_face=Ne),Ol!==Cl&&(ve.frontFace(Ol),dt.frontFace=Ol),Jt!==Ml&&(ve.lineWidth(Jt),dt.lineWidth=
Jt),(ml[0]!==Fi[0]||ml[1]!==Fi[1])&&(ve.polygonOffset(ml[0],ml[1]),Fi[0]=ml[0],Fi[1]=ml[1]),(Dt[0]!==Dl[0]||Dt[1]!==Dl[1])&&
(ve.sampleCoverage(Dt[0],Dt[1]),Dl[0]=Dt[0],Dl[1]=Dt[1]),Mt!==ye&&(ve.stencilMask(Mt),dt.stencil_mask=Mt),(h[0]!==Je[0]||
h[1]!==Je[1]||h[2]!==Je[2])&&(ve.stencilFunc(h[0],h[1],h[2]),Je[0]=h[0],Je[1]=h[1],Je[2]=h[2]),(Gt[0]!==Xe[0]||Gt[1]!==Xe[1]||
Gt[2]!==Xe[2]||Gt[3]!==Xe[3])&&(ve.stencilOpSeparate(Gt[0],Gt[1],Gt[2],Gt[3]),Xe[0]=Gt[0],Xe[1]=Gt[1],Xe[2]=Gt[2],Xe[3]=
Gt[3]),(C[0]!==Si[0]||C[1]!==Si[1]||C[2]!==Si[2]||C[3]!==Si[3])&&(ve.stencilOpSeparate(C[0],C[1],C[2],C[3]),Si[0]=C[0],Si[1]=
C[1],Si[2]=C[2],Si[3]=C[3]),(cl[0]!==S[0]||cl[1]!==S[1]||cl[2]!==S[2]||cl[3]!==S[3])&&(ve.scissor(cl[0],cl[1],cl[2],cl[3]),
S[0]=cl[0],S[1]=cl[1],S[2]=cl[2],S[3]=cl[3]),(El[0]!==It[0]||El[1]!==It[1]||El[2]!==It[2]||El[3]!==It[3])&&(ve.viewport(
El[0],El[1],El[2],El[3]),It[0]=El[0],It[1]=El[1],It[2]=El[2],It[3]=El[3])},refresh:function(){var _t,Ce,Qe,Il,Lt,te,xe,se,
il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft;dt.dirty=!1,Il=mt.dither,Lt=mt.blend_enable,te=mt.depth_enable,xe=mt.cull_enable,
se=mt.polygonOffset_enable,il=mt.sample_alpha,pt=mt.sample_enable,at=mt.stencil_enable,yt=mt.scissor_enable,Ke=mt.depth_func,
Ye=dt.depth_func,Ne=mt.depth_mask,rt=dt.depth_mask,Ol=mt.cull_face,Cl=dt.cull_face,Jt=mt.frontFace,Ml=dt.frontFace,Mt=mt.
lineWidth,ye=dt.lineWidth,nl=mt.stencil_mask,Ft=dt.stencil_mask,_t=Ji.next,_t?ve.bindFramebuffer(36160,_t.framebuffer):ve.
bindFramebuffer(36160,null),Ji.cur=_t,Ce=_i,Qe=0;for(var Nt=0;Nt<Tl;++Nt)Qe=Ce[Nt],Qe.buffer?(ve.enableVertexAttribArray(
Nt),ve.bindBuffer(34962,Qe.buffer.buffer),ve.vertexAttribPointer(Nt,Qe.size,Qe.type,Qe.normalized,Qe.stride,Qe.offset)):
(ve.disableVertexAttribArray(Nt),ve.vertexAttrib4f(Nt,Qe.x,Qe.y,Qe.z,Qe.w),Qe.buffer=null);q.currentVAO=null,q.setVAO(q.
targetVAO),Il?ve.enable(3024):ve.disable(3024),dt.dither=Il,Lt?ve.enable(3042):ve.disable(3042),dt.blend_enable=Lt,te?ve.
enable(2929):ve.disable(2929),dt.depth_enable=te,xe?ve.enable(2884):ve.disable(2884),dt.cull_enable=xe,se?ve.enable(32823):
ve.disable(32823),dt.polygonOffset_enable=se,il?ve.enable(32926):ve.disable(32926),dt.sample_alpha=il,pt?ve.enable(32928):
ve.disable(32928),dt.sample_enable=pt,at?ve.enable(2960):ve.disable(2960),dt.stencil_enable=at,yt?ve.enable(3089):ve.disable(
3089),dt.scissor_enable=yt,ve.blendColor(Ai[0],Ai[1],Ai[2],Ai[3]),si[0]=Ai[0],si[1]=Ai[1],si[2]=Ai[2],si[3]=Ai[3],ve.blendEquationSeparate(
zi[0],zi[1]),wi[0]=zi[0],wi[1]=zi[1],ve.blendFuncSeparate(ze[0],ze[1],ze[2],ze[3]),Se[0]=ze[0],Se[1]=ze[1],Se[2]=ze[2],Se[3]=
ze[3],ve.depthFunc(Ke),dt.depth_func=Ke,ve.depthRange(Wt[0],Wt[1]),ht[0]=Wt[0],ht[1]=Wt[1],ve.depthMask(Ne),dt.depth_mask=
Ne,ve.colorMask(We[0],We[1],We[2],We[3]),Re[0]=We[0],Re[1]=We[1],Re[2]=We[2],Re[3]=We[3],ve.cullFace(Ol),dt.cull_face=Ol,
ve.frontFace(Jt),dt.frontFace=Jt,ve.lineWidth(Mt),dt.lineWidth=Mt,ve.polygonOffset(ml[0],ml[1]),Fi[0]=ml[0],Fi[1]=ml[1],
ve.sampleCoverage(Dt[0],Dt[1]),Dl[0]=Dt[0],Dl[1]=Dt[1],ve.stencilMask(nl),dt.stencil_mask=nl,ve.stencilFunc(h[0],h[1],h[2]),
Je[0]=h[0],Je[1]=h[1],Je[2]=h[2],ve.stencilOpSeparate(Gt[0],Gt[1],Gt[2],Gt[3]),Xe[0]=Gt[0],Xe[1]=Gt[1],Xe[2]=Gt[2],Xe[3]=
Gt[3],ve.stencilOpSeparate(C[0],C[1],C[2],C[3]),Si[0]=C[0],Si[1]=C[1],Si[2]=C[2],Si[3]=C[3],ve.scissor(cl[0],cl[1],cl[2],
cl[3]),S[0]=cl[0],S[1]=cl[1],S[2]=cl[2],S[3]=cl[3],ve.viewport(El[0],El[1],El[2],El[3]),It[0]=El[0],It[1]=El[1],It[2]=El[2],
It[3]=El[3]}}},"5e34e078c181f98c83b8e35a148b86c079ead4d5000cca0ff5983095859fba83":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p){
"use strict";var t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,
Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le;return t=_.gl,e=_.context,i=_.strings,d=_.next,l=_.current,s=_.draw,y=_.elements,z=_.buffer,
N=_.shader,oi=_.attributes,Jl=_.vao,a=_.uniforms,f=_.framebuffer,ul=_.extensions,bi=_.timer,it=_.isBufferArgs,Te=d.blend_color,
K=l.blend_color,D=d.blend_equation,nt=l.blend_equation,re=d.blend_func,ce=l.blend_func,qt=d.depth_range,ql=l.depth_range,
kt=d.colorMask,P=l.colorMask,Ee=d.polygonOffset_offset,fl=l.polygonOffset_offset,Sl=d.sample_coverage,Ql=l.sample_coverage,
al=d.stencil_func,Ot=l.stencil_func,ge=d.stencil_opFront,U=l.stencil_opFront,ue=d.stencil_opBack,et=l.stencil_opBack,xl=
d.scissor_box,bl=l.scissor_box,Al=d.viewport,Fl=l.viewport,Kl={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"l\
ine loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},Xi={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},be={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},ft={add:32774,subtract:32778,"reverse \
subtract":32779},Gi={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Pt={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
Pl={cw:2304,ccw:2305},b={},b.size=2,r=new Float32Array(16),le=new Float32Array(16),{draw:function(u){var c,w,x,jl,B,m,k,
Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,
el,ie;if(c=f.next,c!==f.cur&&(c?t.bindFramebuffer(36160,c.framebuffer):t.bindFramebuffer(36160,null),f.cur=c),l.dirty){var Xt,
je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,
Ci,Mi,qi,ai,xi;Xt=d.dither,Xt!==l.dither&&(Xt?t.enable(3024):t.disable(3024),l.dither=Xt),je=Te[0],zt=Te[1],Yt=Te[2],tt=
Te[3],(je!==K[0]||zt!==K[1]||Yt!==K[2]||tt!==K[3])&&(t.blendColor(je,zt,Yt,tt),K[0]=je,K[1]=zt,K[2]=Yt,K[3]=tt),ot=D[0],
Pe=D[1],(ot!==nt[0]||Pe!==nt[1])&&(t.blendEquationSeparate(ot,Pe),nt[0]=ot,nt[1]=Pe),H=d.depth_func,H!==l.depth_func&&(t.
depthFunc(H),l.depth_func=H),He=qt[0],ae=qt[1],(He!==ql[0]||ae!==ql[1])&&(t.depthRange(He,ae),ql[0]=He,ql[1]=ae),_e=d.depth_mask,
_e!==l.depth_mask&&(t.depthMask(_e),l.depth_mask=_e),Zt=kt[0],ee=kt[1],ne=kt[2],Ae=kt[3],(Zt!==P[0]||ee!==P[1]||ne!==P[2]||
Ae!==P[3])&&(t.colorMask(Zt,ee,ne,Ae),P[0]=Zt,P[1]=ee,P[2]=ne,P[3]=Ae),tl=d.cull_enable,tl!==l.cull_enable&&(tl?t.enable(
2884):t.disable(2884),l.cull_enable=tl),xt=d.cull_face,xt!==l.cull_face&&(t.cullFace(xt),l.cull_face=xt),M=d.frontFace,M!==
l.frontFace&&(t.frontFace(M),l.frontFace=M),E=d.lineWidth,E!==l.lineWidth&&(t.lineWidth(E),l.lineWidth=E),Et=d.polygonOffset_enable,
Et!==l.polygonOffset_enable&&(Et?t.enable(32823):t.disable(32823),l.polygonOffset_enable=Et),ol=Ee[0],kl=Ee[1],(ol!==fl[0]||
kl!==fl[1])&&(t.polygonOffset(ol,kl),fl[0]=ol,fl[1]=kl),$t=d.sample_alpha,$t!==l.sample_alpha&&($t?t.enable(32926):t.disable(
32926),l.sample_alpha=$t),vt=d.sample_enable,vt!==l.sample_enable&&(vt?t.enable(32928):t.disable(32928),l.sample_enable=
vt),$e=Sl[0],Hl=Sl[1],($e!==Ql[0]||Hl!==Ql[1])&&(t.sampleCoverage($e,Hl),Ql[0]=$e,Ql[1]=Hl),St=d.stencil_enable,St!==l.stencil_enable&&
(St?t.enable(2960):t.disable(2960),l.stencil_enable=St),Ue=d.stencil_mask,Ue!==l.stencil_mask&&(t.stencilMask(Ue),l.stencil_mask=
Ue),Ge=al[0],At=al[1],we=al[2],(Ge!==Ot[0]||At!==Ot[1]||we!==Ot[2])&&(t.stencilFunc(Ge,At,we),Ot[0]=Ge,Ot[1]=At,Ot[2]=we),
Bt=ge[0],X=ge[1],me=ge[2],Rl=ge[3],(Bt!==U[0]||X!==U[1]||me!==U[2]||Rl!==U[3])&&(t.stencilOpSeparate(Bt,X,me,Rl),U[0]=Bt,
U[1]=X,U[2]=me,U[3]=Rl),ll=ue[0],Vt=ue[1],Bl=ue[2],j=ue[3],(ll!==et[0]||Vt!==et[1]||Bl!==et[2]||j!==et[3])&&(t.stencilOpSeparate(
ll,Vt,Bl,j),et[0]=ll,et[1]=Vt,et[2]=Bl,et[3]=j),fi=d.scissor_enable,fi!==l.scissor_enable&&(fi?t.enable(3089):t.disable(
3089),l.scissor_enable=fi),Z=xl[0],Vl=xl[1],ki=xl[2],Ci=xl[3],(Z!==bl[0]||Vl!==bl[1]||ki!==bl[2]||Ci!==bl[3])&&(t.scissor(
Z,Vl,ki,Ci),bl[0]=Z,bl[1]=Vl,bl[2]=ki,bl[3]=Ci),Mi=Al[0],qi=Al[1],ai=Al[2],xi=Al[3],(Mi!==Fl[0]||qi!==Fl[1]||ai!==Fl[2]||
xi!==Fl[3])&&(t.viewport(Mi,qi,ai,xi),Fl[0]=Mi,Fl[1]=qi,Fl[2]=ai,Fl[3]=xi)}ve?t.enable(3042):t.disable(3042),l.blend_enable=
ve,t.blendFuncSeparate(770,771,1,771),ce[0]=770,ce[1]=771,ce[2]=1,ce[3]=771,Ki?t.enable(2929):t.disable(2929),l.depth_enable=
Ki,w=l.profile,w&&(x=performance.now(),Tl.count++),t.useProgram(qe.program),Jl.setVAO(null),jl=mt.call(this,e,u,0),b.buffer=
jl,B=!1,m=1,k=0,Ie=0,Y=0,Me=0,fe=null,Oe=0,Ut=!1,$=5126,g=0,st=0,Ht=0,it(b)?(B=!0,fe=z.createStream(34962,b),$=fe.dtype):
(fe=z.getBuffer(b),fe?$=fe.dtype:"constant"in b?(m=2,typeof b.constant=="number"?(k=b.constant,Ie=Y=Me=0):(k=b.constant.
length>0?b.constant[0]:0,Ie=b.constant.length>1?b.constant[1]:0,Y=b.constant.length>2?b.constant[2]:0,Me=b.constant.length>
3?b.constant[3]:0)):(it(b.buffer)?fe=z.createStream(34962,b.buffer):fe=z.getBuffer(b.buffer),$="type"in b?Pt[b.type]:fe.
dtype,Ut=!!b.normalized,Oe=b.size|0,g=b.offset|0,st=b.stride|0,Ht=b.divisor|0)),Le=dt.location,W=oi[Le],m===1?(W.buffer||
t.enableVertexAttribArray(Le),T=Oe||2,(W.type!==$||W.size!==T||W.buffer!==fe||W.normalized!==Ut||W.offset!==g||W.stride!==
st)&&(t.bindBuffer(34962,fe.buffer),t.vertexAttribPointer(Le,T,$,Ut,st,g),W.type=$,W.size=T,W.buffer=fe,W.normalized=Ut,
W.offset=g,W.stride=st)):(W.buffer&&(t.disableVertexAttribArray(Le),W.buffer=null),(W.x!==k||W.y!==Ie||W.z!==Y||W.w!==Me)&&
(t.vertexAttrib4f(Le,k,Ie,Y,Me),W.x=k,W.y=Ie,W.z=Y,W.w=Me)),rl=A.call(this,e,u,0),t.uniform1f(Oi.location,rl),Kt=Ni.call(
this,e,u,0),Kt&&Kt._reglType==="framebuffer"&&(Kt=Kt.color[0]),hl=Kt._texture,t.uniform1i(Ti.location,hl.bind()),dl=q.call(
this,e,u,0),t.uniform1f(_i.location,dl),gt=Ji.call(this,e,u,0),t.uniform1f($i.location,gt),de=ji.call(this,e,u,0),t.uniform1f(
Fe.location,de),Ul=ri.call(this,e,u,0),t.uniform1f(Zi.location,Ul),Rt=jt.call(this,e,u,0),Rt&&Rt._reglType==="framebuffe\
r"&&(Rt=Rt.color[0]),Xl=Rt._texture,t.uniform1i(ct.location,Xl.bind()),pl=Qi.call(this,e,u,0),t.uniform1f(ci.location,pl),
_l=Be.call(this,e,u,0),t.uniform1f(V.location,_l),t.uniform1f(Pi.location,2),ut=J.call(this,e,u,0),t.uniform1f(O.location,
ut),Ll=ke.call(this,e,u,0),t.uniform1f(G.location,Ll),bt=Ve.call(this,e,u,0),t.uniform1f(lt.location,bt),Tt=wl.call(this,
e,u,0),t.uniform1f(Q.location,Tt),ii=hi.call(this,e,u,0),t.uniform1f(Di.location,ii),Yl=Vi.call(this,e,u,0),t.uniform1f(
Hi.location,Yl),yl=ti.call(this,e,u,0),t.uniform1f(Ii.location,yl),Nl=pi.call(this,e,u,0),t.uniform1f(di.location,Nl),I=
Wl.call(this,e,u,0),t.uniformMatrix4fv(Wi.location,!1,Array.isArray(I)||I instanceof Float32Array?I:(r[0]=I[0],r[1]=I[1],
r[2]=I[2],r[3]=I[3],r[4]=I[4],r[5]=I[5],r[6]=I[6],r[7]=I[7],r[8]=I[8],r[9]=I[9],r[10]=I[10],r[11]=I[11],r[12]=I[12],r[13]=
I[13],r[14]=I[14],r[15]=I[15],r)),t.uniform1f(yi.location,4),ni=mi.call(this,e,u,0),t.uniform1f(Ei.location,ni),L=ui.call(
this,e,u,0),t.uniform1f(Ri.location,L),pe=si.call(this,e,u,0),t.uniform1f(Ai.location,pe),Gl=wi.call(this,e,u,0),t.uniform1f(
zi.location,Gl),ei=Se.call(this,e,u,0),t.uniform1f(ze.location,ei),Zl=ht.call(this,e,u,0),t.uniform1f(Wt.location,Zl),$l=
Re.call(this,e,u,0),t.uniform1f(We.location,$l),wt=Fi.call(this,e,u,0),wt&&wt._reglType==="framebuffer"&&(wt=wt.color[0]),
sl=wt._texture,t.uniform1i(ml.location,sl.bind()),he=s.elements,he?t.bindBuffer(34963,he.buffer.buffer):Jl.currentVAO&&(he=
y.getElements(Jl.currentVAO.elements),he&&t.bindBuffer(34963,he.buffer.buffer)),el=s.offset,ie=Dt.call(this,e,u,0),ie&&(he?
t.drawElements(0,ie,he.type,el<<(he.type-5121>>1)):t.drawArrays(0,el,ie),l.dirty=!0,Jl.setVAO(null),w&&(Tl.cpuTime+=performance.
now()-x),B&&z.destroyStream(fe),hl.unbind(),Xl.unbind(),sl.unbind())},scope:function(u,c,w){var x,jl,B,m,k,Ie,Y,Me,fe,Oe,
Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,
zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,
Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui;x=d.blend_enable,d.blend_enable=Dl,jl=re[0],re[0]=h,B=re[1],re[1]=Je,m=re[2],re[2]=Gt,k=re[3],
re[3]=Xe,Ie=d.depth_enable,d.depth_enable=C,Y=l.profile,Y&&(Me=performance.now(),Tl.count++),fe=Dt.call(this,e,u,w),Oe=s.
count,s.count=fe,Ut=s.primitive,s.primitive=Si,$=a[cl],a[cl]=2,g=a[S],a[S]=4,st=El.call(this,e,u,w),Ht=a[It],a[It]=st,Le=
_t.call(this,e,u,w),W=a[Ce],a[Ce]=Le,T=Wl.call(this,e,u,w),rl=a[Qe],a[Qe]=T,Kt=Il.call(this,e,u,w),hl=a[Lt],a[Lt]=Kt,dl=
Se.call(this,e,u,w),gt=a[te],a[te]=dl,de=jt.call(this,e,u,w),Ul=a[xe],a[xe]=de,Rt=Be.call(this,e,u,w),Xl=a[se],a[se]=Rt,
pl=Qi.call(this,e,u,w),_l=a[il],a[il]=pl,ut=si.call(this,e,u,w),Ll=a[pt],a[pt]=ut,bt=wi.call(this,e,u,w),Tt=a[at],a[at]=
bt,ii=ht.call(this,e,u,w),Yl=a[yt],a[yt]=ii,yl=Ni.call(this,e,u,w),Nl=a[Ke],a[Ke]=yl,I=Ji.call(this,e,u,w),ni=a[Ye],a[Ye]=
I,L=q.call(this,e,u,w),pe=a[Ne],a[Ne]=L,Gl=Fi.call(this,e,u,w),ei=a[rt],a[rt]=Gl,Zl=Ol.call(this,e,u,w),$l=a[Cl],a[Cl]=Zl,
wt=Jt.call(this,e,u,w),sl=a[Ml],a[Ml]=wt,he=ke.call(this,e,u,w),el=a[Mt],a[Mt]=he,ie=J.call(this,e,u,w),Xt=a[ye],a[ye]=ie,
je=hi.call(this,e,u,w),zt=a[nl],a[nl]=je,Yt=wl.call(this,e,u,w),tt=a[Ft],a[Ft]=Yt,ot=Ve.call(this,e,u,w),Pe=a[Nt],a[Nt]=
ot,H=pi.call(this,e,u,w),He=a[Qt],a[Qt]=H,ae=ti.call(this,e,u,w),_e=a[De],a[De]=ae,Zt=Vi.call(this,e,u,w),ee=a[Ct],a[Ct]=
Zt,ne=A.call(this,e,u,w),Ae=a[Ze],a[Ze]=ne,tl=ui.call(this,e,u,w),xt=a[v],a[v]=tl,M=mi.call(this,e,u,w),E=a[oe],a[oe]=M,
Et=Re.call(this,e,u,w),ol=a[li],a[li]=Et,kl=ri.call(this,e,u,w),$t=a[gl],a[gl]=kl,vt=ji.call(this,e,u,w),$e=a[zl],a[zl]=
vt,Hl=mt.call(this,e,u,w),b.buffer=Hl,St=!1,Ue=1,Ge=0,At=0,we=0,Bt=0,X=null,me=0,Rl=!1,ll=5126,Vt=0,Bl=0,j=0,it(b)?(St=!0,
X=z.createStream(34962,b),ll=X.dtype):(X=z.getBuffer(b),X?ll=X.dtype:"constant"in b?(Ue=2,typeof b.constant=="number"?(Ge=
b.constant,At=we=Bt=0):(Ge=b.constant.length>0?b.constant[0]:0,At=b.constant.length>1?b.constant[1]:0,we=b.constant.length>
2?b.constant[2]:0,Bt=b.constant.length>3?b.constant[3]:0)):(it(b.buffer)?X=z.createStream(34962,b.buffer):X=z.getBuffer(
b.buffer),ll="type"in b?Pt[b.type]:X.dtype,Rl=!!b.normalized,me=b.size|0,Vt=b.offset|0,Bl=b.stride|0,j=b.divisor|0)),fi=
o.state,o.state=Ue,Z=o.x,o.x=Ge,Vl=o.y,o.y=At,ki=o.z,o.z=we,Ci=o.w,o.w=Bt,Mi=o.buffer,o.buffer=X,qi=o.size,o.size=me,ai=
o.normalized,o.normalized=Rl,xi=o.type,o.type=ll,vl=o.offset,o.offset=Vt,Li=o.stride,o.stride=Bl,Bi=o.divisor,o.divisor=
j,Yi=N.vert,N.vert=n,Ui=N.frag,N.frag=R,l.dirty=!0,c(e,u,w),d.blend_enable=x,re[0]=jl,re[1]=B,re[2]=m,re[3]=k,d.depth_enable=
Ie,Y&&(Tl.cpuTime+=performance.now()-Me),s.count=Oe,s.primitive=Ut,a[cl]=$,a[S]=g,a[It]=Ht,a[Ce]=W,a[Qe]=rl,a[Lt]=hl,a[te]=
gt,a[xe]=Ul,a[se]=Xl,a[il]=_l,a[pt]=Ll,a[at]=Tt,a[yt]=Yl,a[Ke]=Nl,a[Ye]=ni,a[Ne]=pe,a[rt]=ei,a[Cl]=$l,a[Ml]=sl,a[Mt]=el,
a[ye]=Xt,a[nl]=zt,a[Ft]=tt,a[Nt]=Pe,a[Qt]=He,a[De]=_e,a[Ct]=ee,a[Ze]=Ae,a[v]=xt,a[oe]=E,a[li]=ol,a[gl]=$t,a[zl]=$e,St&&z.
destroyStream(X),o.state=fi,o.x=Z,o.y=Vl,o.z=ki,o.w=Ci,o.buffer=Mi,o.size=qi,o.normalized=ai,o.type=xi,o.offset=vl,o.stride=
Li,o.divisor=Bi,N.vert=Yi,N.frag=Ui,l.dirty=!0},batch:function(u,c){var w,x,jl,B,m;if(w=f.next,w!==f.cur&&(w?t.bindFramebuffer(
36160,w.framebuffer):t.bindFramebuffer(36160,null),f.cur=w),l.dirty){var k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,
gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je;k=d.dither,k!==l.dither&&(k?t.enable(
3024):t.disable(3024),l.dither=k),Ie=Te[0],Y=Te[1],Me=Te[2],fe=Te[3],(Ie!==K[0]||Y!==K[1]||Me!==K[2]||fe!==K[3])&&(t.blendColor(
Ie,Y,Me,fe),K[0]=Ie,K[1]=Y,K[2]=Me,K[3]=fe),Oe=D[0],Ut=D[1],(Oe!==nt[0]||Ut!==nt[1])&&(t.blendEquationSeparate(Oe,Ut),nt[0]=
Oe,nt[1]=Ut),$=d.depth_func,$!==l.depth_func&&(t.depthFunc($),l.depth_func=$),g=qt[0],st=qt[1],(g!==ql[0]||st!==ql[1])&&
(t.depthRange(g,st),ql[0]=g,ql[1]=st),Ht=d.depth_mask,Ht!==l.depth_mask&&(t.depthMask(Ht),l.depth_mask=Ht),Le=kt[0],W=kt[1],
T=kt[2],rl=kt[3],(Le!==P[0]||W!==P[1]||T!==P[2]||rl!==P[3])&&(t.colorMask(Le,W,T,rl),P[0]=Le,P[1]=W,P[2]=T,P[3]=rl),Kt=d.
cull_enable,Kt!==l.cull_enable&&(Kt?t.enable(2884):t.disable(2884),l.cull_enable=Kt),hl=d.cull_face,hl!==l.cull_face&&(t.
cullFace(hl),l.cull_face=hl),dl=d.frontFace,dl!==l.frontFace&&(t.frontFace(dl),l.frontFace=dl),gt=d.lineWidth,gt!==l.lineWidth&&
(t.lineWidth(gt),l.lineWidth=gt),de=d.polygonOffset_enable,de!==l.polygonOffset_enable&&(de?t.enable(32823):t.disable(32823),
l.polygonOffset_enable=de),Ul=Ee[0],Rt=Ee[1],(Ul!==fl[0]||Rt!==fl[1])&&(t.polygonOffset(Ul,Rt),fl[0]=Ul,fl[1]=Rt),Xl=d.sample_alpha,
Xl!==l.sample_alpha&&(Xl?t.enable(32926):t.disable(32926),l.sample_alpha=Xl),pl=d.sample_enable,pl!==l.sample_enable&&(pl?
t.enable(32928):t.disable(32928),l.sample_enable=pl),_l=Sl[0],ut=Sl[1],(_l!==Ql[0]||ut!==Ql[1])&&(t.sampleCoverage(_l,ut),
Ql[0]=_l,Ql[1]=ut),Ll=d.stencil_enable,Ll!==l.stencil_enable&&(Ll?t.enable(2960):t.disable(2960),l.stencil_enable=Ll),bt=
d.stencil_mask,bt!==l.stencil_mask&&(t.stencilMask(bt),l.stencil_mask=bt),Tt=al[0],ii=al[1],Yl=al[2],(Tt!==Ot[0]||ii!==Ot[1]||
Yl!==Ot[2])&&(t.stencilFunc(Tt,ii,Yl),Ot[0]=Tt,Ot[1]=ii,Ot[2]=Yl),yl=ge[0],Nl=ge[1],I=ge[2],ni=ge[3],(yl!==U[0]||Nl!==U[1]||
I!==U[2]||ni!==U[3])&&(t.stencilOpSeparate(yl,Nl,I,ni),U[0]=yl,U[1]=Nl,U[2]=I,U[3]=ni),L=ue[0],pe=ue[1],Gl=ue[2],ei=ue[3],
(L!==et[0]||pe!==et[1]||Gl!==et[2]||ei!==et[3])&&(t.stencilOpSeparate(L,pe,Gl,ei),et[0]=L,et[1]=pe,et[2]=Gl,et[3]=ei),Zl=
d.scissor_enable,Zl!==l.scissor_enable&&(Zl?t.enable(3089):t.disable(3089),l.scissor_enable=Zl),$l=xl[0],wt=xl[1],sl=xl[2],
he=xl[3],($l!==bl[0]||wt!==bl[1]||sl!==bl[2]||he!==bl[3])&&(t.scissor($l,wt,sl,he),bl[0]=$l,bl[1]=wt,bl[2]=sl,bl[3]=he),
el=Al[0],ie=Al[1],Xt=Al[2],je=Al[3],(el!==Fl[0]||ie!==Fl[1]||Xt!==Fl[2]||je!==Fl[3])&&(t.viewport(el,ie,Xt,je),Fl[0]=el,
Fl[1]=ie,Fl[2]=Xt,Fl[3]=je)}F?t.enable(3042):t.disable(3042),l.blend_enable=F,t.blendFuncSeparate(770,771,1,771),ce[0]=770,
ce[1]=771,ce[2]=1,ce[3]=771,p?t.enable(2929):t.disable(2929),l.depth_enable=p,x=l.profile,x&&(jl=performance.now(),Tl.count+=
c),t.useProgram(qe.program);var zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,
me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi;for(Jl.setVAO(null),zt=mt.call(this,e,m,B),b.buffer=zt,Yt=!1,tt=1,ot=
0,Pe=0,H=0,He=0,ae=null,_e=0,Zt=!1,ee=5126,ne=0,Ae=0,tl=0,it(b)?(Yt=!0,ae=z.createStream(34962,b),ee=ae.dtype):(ae=z.getBuffer(
b),ae?ee=ae.dtype:"constant"in b?(tt=2,typeof b.constant=="number"?(ot=b.constant,Pe=H=He=0):(ot=b.constant.length>0?b.constant[0]:
0,Pe=b.constant.length>1?b.constant[1]:0,H=b.constant.length>2?b.constant[2]:0,He=b.constant.length>3?b.constant[3]:0)):
(it(b.buffer)?ae=z.createStream(34962,b.buffer):ae=z.getBuffer(b.buffer),ee="type"in b?Pt[b.type]:ae.dtype,Zt=!!b.normalized,
_e=b.size|0,ne=b.offset|0,Ae=b.stride|0,tl=b.divisor|0)),xt=dt.location,M=oi[xt],tt===1?(M.buffer||t.enableVertexAttribArray(
xt),E=_e||2,(M.type!==ee||M.size!==E||M.buffer!==ae||M.normalized!==Zt||M.offset!==ne||M.stride!==Ae)&&(t.bindBuffer(34962,
ae.buffer),t.vertexAttribPointer(xt,E,ee,Zt,Ae,ne),M.type=ee,M.size=E,M.buffer=ae,M.normalized=Zt,M.offset=ne,M.stride=Ae)):
(M.buffer&&(t.disableVertexAttribArray(xt),M.buffer=null),(M.x!==ot||M.y!==Pe||M.z!==H||M.w!==He)&&(t.vertexAttrib4f(xt,
ot,Pe,H,He),M.x=ot,M.y=Pe,M.z=H,M.w=He)),Et=A.call(this,e,m,B),t.uniform1f(Oi.location,Et),ol=Ni.call(this,e,m,B),ol&&ol.
_reglType==="framebuffer"&&(ol=ol.color[0]),kl=ol._texture,t.uniform1i(Ti.location,kl.bind()),$t=q.call(this,e,m,B),t.uniform1f(
_i.location,$t),vt=Ji.call(this,e,m,B),t.uniform1f($i.location,vt),$e=ji.call(this,e,m,B),t.uniform1f(Fe.location,$e),Hl=
ri.call(this,e,m,B),t.uniform1f(Zi.location,Hl),St=jt.call(this,e,m,B),St&&St._reglType==="framebuffer"&&(St=St.color[0]),
Ue=St._texture,t.uniform1i(ct.location,Ue.bind()),Ge=Qi.call(this,e,m,B),t.uniform1f(ci.location,Ge),At=Be.call(this,e,m,
B),t.uniform1f(V.location,At),t.uniform1f(Pi.location,2),we=J.call(this,e,m,B),t.uniform1f(O.location,we),Bt=ke.call(this,
e,m,B),t.uniform1f(G.location,Bt),X=Ve.call(this,e,m,B),t.uniform1f(lt.location,X),me=wl.call(this,e,m,B),t.uniform1f(Q.
location,me),Rl=hi.call(this,e,m,B),t.uniform1f(Di.location,Rl),ll=Vi.call(this,e,m,B),t.uniform1f(Hi.location,ll),Vt=ti.
call(this,e,m,B),t.uniform1f(Ii.location,Vt),Bl=pi.call(this,e,m,B),t.uniform1f(di.location,Bl),j=Wl.call(this,e,m,B),t.
uniformMatrix4fv(Wi.location,!1,Array.isArray(j)||j instanceof Float32Array?j:(le[0]=j[0],le[1]=j[1],le[2]=j[2],le[3]=j[3],
le[4]=j[4],le[5]=j[5],le[6]=j[6],le[7]=j[7],le[8]=j[8],le[9]=j[9],le[10]=j[10],le[11]=j[11],le[12]=j[12],le[13]=j[13],le[14]=
j[14],le[15]=j[15],le)),t.uniform1f(yi.location,4),fi=mi.call(this,e,m,B),t.uniform1f(Ei.location,fi),Z=ui.call(this,e,m,
B),t.uniform1f(Ri.location,Z),Vl=si.call(this,e,m,B),t.uniform1f(Ai.location,Vl),ki=wi.call(this,e,m,B),t.uniform1f(zi.location,
ki),Ci=Se.call(this,e,m,B),t.uniform1f(ze.location,Ci),Mi=ht.call(this,e,m,B),t.uniform1f(Wt.location,Mi),qi=Re.call(this,
e,m,B),t.uniform1f(We.location,qi),ai=Fi.call(this,e,m,B),ai&&ai._reglType==="framebuffer"&&(ai=ai.color[0]),xi=ai._texture,
t.uniform1i(ml.location,xi.bind()),vl=s.elements,vl?t.bindBuffer(34963,vl.buffer.buffer):Jl.currentVAO&&(vl=y.getElements(
Jl.currentVAO.elements),vl&&t.bindBuffer(34963,vl.buffer.buffer)),Li=s.offset,Bi=Dt.call(this,e,m,B),B=0;B<c;++B)m=u[B],
Bi&&(vl?t.drawElements(0,Bi,vl.type,Li<<(vl.type-5121>>1)):t.drawArrays(0,Li,Bi));Yt&&z.destroyStream(ae),kl.unbind(),Ue.
unbind(),xi.unbind(),l.dirty=!0,Jl.setVAO(null),x&&(Tl.cpuTime+=performance.now()-jl)}}},"5fb98621d03a1f9aa9af71c47df6d5\
8116f5ef6b58ac8d6f2394b780cebc2dc7":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl){
"use strict";var h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,
De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s;return h=_.gl,Je=_.context,Gt=_.strings,Xe=_.next,C=_.current,Si=_.draw,cl=
_.elements,S=_.buffer,El=_.shader,It=_.attributes,_t=_.vao,Ce=_.uniforms,Qe=_.framebuffer,Il=_.extensions,Lt=_.timer,te=
_.isBufferArgs,xe=Xe.blend_color,se=C.blend_color,il=Xe.blend_equation,pt=C.blend_equation,at=Xe.blend_func,yt=C.blend_func,
Ke=Xe.depth_range,Ye=C.depth_range,Ne=Xe.colorMask,rt=C.colorMask,Ol=Xe.polygonOffset_offset,Cl=C.polygonOffset_offset,Jt=
Xe.sample_coverage,Ml=C.sample_coverage,Mt=Xe.stencil_func,ye=C.stencil_func,nl=Xe.stencil_opFront,Ft=C.stencil_opFront,
Nt=Xe.stencil_opBack,Qt=C.stencil_opBack,De=Xe.scissor_box,Ct=C.scissor_box,Ze=Xe.viewport,v=C.viewport,oe={points:0,point:0,
lines:1,line:1,triangles:4,triangle:4,"line loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},li={never:512,less:513,
"<":513,equal:514,"=":514,"==":514,"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,
">=":518,always:519},gl={0:0,1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src a\
lpha":771,"dst color":774,"one minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"on\
e minus constant color":32770,"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},zl={add:32774,
subtract:32778,"reverse subtract":32779},o={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment w\
rap":34055,"decrement wrap":34056,invert:5386},n={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,
float32:5126},R={cw:2304,ccw:2305},F={},F.offset=0,F.stride=12,p={},p.offset=24,p.stride=12,t={},t.offset=48,t.stride=12,
e={},e.offset=8,e.stride=4,i={},i.offset=8,i.stride=4,d={},d.offset=8,d.stride=4,l=new Float32Array(16),s=new Float32Array(
16),{draw:function(y){var z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,Kl,
Xi,be,ft,Gi,Pt,Pl,b,r,le,u,c,w,x,jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,
ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t;if(z=
Qe.next,z!==Qe.cur&&(z?h.bindFramebuffer(36160,z.framebuffer):h.bindFramebuffer(36160,null),Qe.cur=z),C.dirty){var vt,$e,
Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui,vi,nn,fn,rn,ln,gi,sn,dn,an,cn,pn,mn,hn,
_n,yn,on,tn,un;vt=Xe.dither,vt!==C.dither&&(vt?h.enable(3024):h.disable(3024),C.dither=vt),$e=xe[0],Hl=xe[1],St=xe[2],Ue=
xe[3],($e!==se[0]||Hl!==se[1]||St!==se[2]||Ue!==se[3])&&(h.blendColor($e,Hl,St,Ue),se[0]=$e,se[1]=Hl,se[2]=St,se[3]=Ue),
Ge=il[0],At=il[1],(Ge!==pt[0]||At!==pt[1])&&(h.blendEquationSeparate(Ge,At),pt[0]=Ge,pt[1]=At),we=Xe.depth_func,we!==C.depth_func&&
(h.depthFunc(we),C.depth_func=we),Bt=Ke[0],X=Ke[1],(Bt!==Ye[0]||X!==Ye[1])&&(h.depthRange(Bt,X),Ye[0]=Bt,Ye[1]=X),me=Xe.
depth_mask,me!==C.depth_mask&&(h.depthMask(me),C.depth_mask=me),Rl=Ne[0],ll=Ne[1],Vt=Ne[2],Bl=Ne[3],(Rl!==rt[0]||ll!==rt[1]||
Vt!==rt[2]||Bl!==rt[3])&&(h.colorMask(Rl,ll,Vt,Bl),rt[0]=Rl,rt[1]=ll,rt[2]=Vt,rt[3]=Bl),j=Xe.cull_enable,j!==C.cull_enable&&
(j?h.enable(2884):h.disable(2884),C.cull_enable=j),fi=Xe.cull_face,fi!==C.cull_face&&(h.cullFace(fi),C.cull_face=fi),Z=Xe.
frontFace,Z!==C.frontFace&&(h.frontFace(Z),C.frontFace=Z),Vl=Xe.lineWidth,Vl!==C.lineWidth&&(h.lineWidth(Vl),C.lineWidth=
Vl),ki=Xe.polygonOffset_enable,ki!==C.polygonOffset_enable&&(ki?h.enable(32823):h.disable(32823),C.polygonOffset_enable=
ki),Ci=Ol[0],Mi=Ol[1],(Ci!==Cl[0]||Mi!==Cl[1])&&(h.polygonOffset(Ci,Mi),Cl[0]=Ci,Cl[1]=Mi),qi=Xe.sample_alpha,qi!==C.sample_alpha&&
(qi?h.enable(32926):h.disable(32926),C.sample_alpha=qi),ai=Xe.sample_enable,ai!==C.sample_enable&&(ai?h.enable(32928):h.
disable(32928),C.sample_enable=ai),xi=Jt[0],vl=Jt[1],(xi!==Ml[0]||vl!==Ml[1])&&(h.sampleCoverage(xi,vl),Ml[0]=xi,Ml[1]=vl),
Li=Xe.stencil_enable,Li!==C.stencil_enable&&(Li?h.enable(2960):h.disable(2960),C.stencil_enable=Li),Bi=Xe.stencil_mask,Bi!==
C.stencil_mask&&(h.stencilMask(Bi),C.stencil_mask=Bi),Yi=Mt[0],Ui=Mt[1],vi=Mt[2],(Yi!==ye[0]||Ui!==ye[1]||vi!==ye[2])&&(h.
stencilFunc(Yi,Ui,vi),ye[0]=Yi,ye[1]=Ui,ye[2]=vi),nn=nl[0],fn=nl[1],rn=nl[2],ln=nl[3],(nn!==Ft[0]||fn!==Ft[1]||rn!==Ft[2]||
ln!==Ft[3])&&(h.stencilOpSeparate(nn,fn,rn,ln),Ft[0]=nn,Ft[1]=fn,Ft[2]=rn,Ft[3]=ln),gi=Nt[0],sn=Nt[1],dn=Nt[2],an=Nt[3],
(gi!==Qt[0]||sn!==Qt[1]||dn!==Qt[2]||an!==Qt[3])&&(h.stencilOpSeparate(gi,sn,dn,an),Qt[0]=gi,Qt[1]=sn,Qt[2]=dn,Qt[3]=an),
cn=Xe.scissor_enable,cn!==C.scissor_enable&&(cn?h.enable(3089):h.disable(3089),C.scissor_enable=cn),pn=De[0],mn=De[1],hn=
De[2],_n=De[3],(pn!==Ct[0]||mn!==Ct[1]||hn!==Ct[2]||_n!==Ct[3])&&(h.scissor(pn,mn,hn,_n),Ct[0]=pn,Ct[1]=mn,Ct[2]=hn,Ct[3]=
_n),yn=Ze[0],on=Ze[1],tn=Ze[2],un=Ze[3],(yn!==v[0]||on!==v[1]||tn!==v[2]||un!==v[3])&&(h.viewport(yn,on,tn,un),v[0]=yn,v[1]=
on,v[2]=tn,v[3]=un)}ve?h.enable(3042):h.disable(3042),C.blend_enable=ve,h.blendFuncSeparate(770,771,1,771),yt[0]=770,yt[1]=
771,yt[2]=1,yt[3]=771,Ki?h.enable(2929):h.disable(2929),C.depth_enable=Ki,N=C.profile,N&&(oi=performance.now(),Tl.count++),
h.useProgram(qe.program),_t.setVAO(null),Jl=mt.call(this,Je,y,0),d.buffer=Jl,a=!1,f=1,ul=0,bi=0,it=0,Te=0,K=null,D=0,nt=
!1,re=5126,ce=0,qt=0,ql=0,te(d)?(a=!0,K=S.createStream(34962,d),re=K.dtype):(K=S.getBuffer(d),K?re=K.dtype:"constant"in d?
(f=2,typeof d.constant=="number"?(ul=d.constant,bi=it=Te=0):(ul=d.constant.length>0?d.constant[0]:0,bi=d.constant.length>
1?d.constant[1]:0,it=d.constant.length>2?d.constant[2]:0,Te=d.constant.length>3?d.constant[3]:0)):(te(d.buffer)?K=S.createStream(
34962,d.buffer):K=S.getBuffer(d.buffer),re="type"in d?n[d.type]:K.dtype,nt=!!d.normalized,D=d.size|0,ce=d.offset|0,qt=d.
stride|0,ql=d.divisor|0)),kt=dt.location,P=It[kt],f===1?(P.buffer||h.enableVertexAttribArray(kt),Ee=D||1,(P.type!==re||P.
size!==Ee||P.buffer!==K||P.normalized!==nt||P.offset!==ce||P.stride!==qt)&&(h.bindBuffer(34962,K.buffer),h.vertexAttribPointer(
kt,Ee,re,nt,qt,ce),P.type=re,P.size=Ee,P.buffer=K,P.normalized=nt,P.offset=ce,P.stride=qt)):(P.buffer&&(h.disableVertexAttribArray(
kt),P.buffer=null),(P.x!==ul||P.y!==bi||P.z!==it||P.w!==Te)&&(h.vertexAttrib4f(kt,ul,bi,it,Te),P.x=ul,P.y=bi,P.z=it,P.w=
Te)),fl=Oi.call(this,Je,y,0),p.buffer=fl,Sl=!1,Ql=1,al=0,Ot=0,ge=0,U=0,ue=null,et=0,xl=!1,bl=5126,Al=0,Fl=0,Kl=0,te(p)?(Sl=
!0,ue=S.createStream(34962,p),bl=ue.dtype):(ue=S.getBuffer(p),ue?bl=ue.dtype:"constant"in p?(Ql=2,typeof p.constant=="nu\
mber"?(al=p.constant,Ot=ge=U=0):(al=p.constant.length>0?p.constant[0]:0,Ot=p.constant.length>1?p.constant[1]:0,ge=p.constant.
length>2?p.constant[2]:0,U=p.constant.length>3?p.constant[3]:0)):(te(p.buffer)?ue=S.createStream(34962,p.buffer):ue=S.getBuffer(
p.buffer),bl="type"in p?n[p.type]:ue.dtype,xl=!!p.normalized,et=p.size|0,Al=p.offset|0,Fl=p.stride|0,Kl=p.divisor|0)),Xi=
A.location,be=It[Xi],Ql===1?(be.buffer||h.enableVertexAttribArray(Xi),ft=et||3,(be.type!==bl||be.size!==ft||be.buffer!==
ue||be.normalized!==xl||be.offset!==Al||be.stride!==Fl)&&(h.bindBuffer(34962,ue.buffer),h.vertexAttribPointer(Xi,ft,bl,xl,
Fl,Al),be.type=bl,be.size=ft,be.buffer=ue,be.normalized=xl,be.offset=Al,be.stride=Fl)):(be.buffer&&(h.disableVertexAttribArray(
Xi),be.buffer=null),(be.x!==al||be.y!==Ot||be.z!==ge||be.w!==U)&&(h.vertexAttrib4f(Xi,al,Ot,ge,U),be.x=al,be.y=Ot,be.z=ge,
be.w=U)),Gi=Ti.call(this,Je,y,0),t.buffer=Gi,Pt=!1,Pl=1,b=0,r=0,le=0,u=0,c=null,w=0,x=!1,jl=5126,B=0,m=0,k=0,te(t)?(Pt=!0,
c=S.createStream(34962,t),jl=c.dtype):(c=S.getBuffer(t),c?jl=c.dtype:"constant"in t?(Pl=2,typeof t.constant=="number"?(b=
t.constant,r=le=u=0):(b=t.constant.length>0?t.constant[0]:0,r=t.constant.length>1?t.constant[1]:0,le=t.constant.length>2?
t.constant[2]:0,u=t.constant.length>3?t.constant[3]:0)):(te(t.buffer)?c=S.createStream(34962,t.buffer):c=S.getBuffer(t.buffer),
jl="type"in t?n[t.type]:c.dtype,x=!!t.normalized,w=t.size|0,B=t.offset|0,m=t.stride|0,k=t.divisor|0)),Ie=Ni.location,Y=It[Ie],
Pl===1?(Y.buffer||h.enableVertexAttribArray(Ie),Me=w||3,(Y.type!==jl||Y.size!==Me||Y.buffer!==c||Y.normalized!==x||Y.offset!==
B||Y.stride!==m)&&(h.bindBuffer(34962,c.buffer),h.vertexAttribPointer(Ie,Me,jl,x,m,B),Y.type=jl,Y.size=Me,Y.buffer=c,Y.normalized=
x,Y.offset=B,Y.stride=m)):(Y.buffer&&(h.disableVertexAttribArray(Ie),Y.buffer=null),(Y.x!==b||Y.y!==r||Y.z!==le||Y.w!==u)&&
(h.vertexAttrib4f(Ie,b,r,le,u),Y.x=b,Y.y=r,Y.z=le,Y.w=u)),fe=_i.call(this,Je,y,0),i.buffer=fe,Oe=!1,Ut=1,$=0,g=0,st=0,Ht=
0,Le=null,W=0,T=!1,rl=5126,Kt=0,hl=0,dl=0,te(i)?(Oe=!0,Le=S.createStream(34962,i),rl=Le.dtype):(Le=S.getBuffer(i),Le?rl=
Le.dtype:"constant"in i?(Ut=2,typeof i.constant=="number"?($=i.constant,g=st=Ht=0):($=i.constant.length>0?i.constant[0]:
0,g=i.constant.length>1?i.constant[1]:0,st=i.constant.length>2?i.constant[2]:0,Ht=i.constant.length>3?i.constant[3]:0)):
(te(i.buffer)?Le=S.createStream(34962,i.buffer):Le=S.getBuffer(i.buffer),rl="type"in i?n[i.type]:Le.dtype,T=!!i.normalized,
W=i.size|0,Kt=i.offset|0,hl=i.stride|0,dl=i.divisor|0)),gt=q.location,de=It[gt],Ut===1?(de.buffer||h.enableVertexAttribArray(
gt),Ul=W||1,(de.type!==rl||de.size!==Ul||de.buffer!==Le||de.normalized!==T||de.offset!==Kt||de.stride!==hl)&&(h.bindBuffer(
34962,Le.buffer),h.vertexAttribPointer(gt,Ul,rl,T,hl,Kt),de.type=rl,de.size=Ul,de.buffer=Le,de.normalized=T,de.offset=Kt,
de.stride=hl)):(de.buffer&&(h.disableVertexAttribArray(gt),de.buffer=null),(de.x!==$||de.y!==g||de.z!==st||de.w!==Ht)&&(h.
vertexAttrib4f(gt,$,g,st,Ht),de.x=$,de.y=g,de.z=st,de.w=Ht)),Rt=$i.call(this,Je,y,0),e.buffer=Rt,Xl=!1,pl=1,_l=0,ut=0,Ll=
0,bt=0,Tt=null,ii=0,Yl=!1,yl=5126,Nl=0,I=0,ni=0,te(e)?(Xl=!0,Tt=S.createStream(34962,e),yl=Tt.dtype):(Tt=S.getBuffer(e),
Tt?yl=Tt.dtype:"constant"in e?(pl=2,typeof e.constant=="number"?(_l=e.constant,ut=Ll=bt=0):(_l=e.constant.length>0?e.constant[0]:
0,ut=e.constant.length>1?e.constant[1]:0,Ll=e.constant.length>2?e.constant[2]:0,bt=e.constant.length>3?e.constant[3]:0)):
(te(e.buffer)?Tt=S.createStream(34962,e.buffer):Tt=S.getBuffer(e.buffer),yl="type"in e?n[e.type]:Tt.dtype,Yl=!!e.normalized,
ii=e.size|0,Nl=e.offset|0,I=e.stride|0,ni=e.divisor|0)),L=Ji.location,pe=It[L],pl===1?(pe.buffer||h.enableVertexAttribArray(
L),Gl=ii||1,(pe.type!==yl||pe.size!==Gl||pe.buffer!==Tt||pe.normalized!==Yl||pe.offset!==Nl||pe.stride!==I)&&(h.bindBuffer(
34962,Tt.buffer),h.vertexAttribPointer(L,Gl,yl,Yl,I,Nl),pe.type=yl,pe.size=Gl,pe.buffer=Tt,pe.normalized=Yl,pe.offset=Nl,
pe.stride=I)):(pe.buffer&&(h.disableVertexAttribArray(L),pe.buffer=null),(pe.x!==_l||pe.y!==ut||pe.z!==Ll||pe.w!==bt)&&(h.
vertexAttrib4f(L,_l,ut,Ll,bt),pe.x=_l,pe.y=ut,pe.z=Ll,pe.w=bt)),ei=Fe.call(this,Je,y,0),F.buffer=ei,Zl=!1,$l=1,wt=0,sl=0,
he=0,el=0,ie=null,Xt=0,je=!1,zt=5126,Yt=0,tt=0,ot=0,te(F)?(Zl=!0,ie=S.createStream(34962,F),zt=ie.dtype):(ie=S.getBuffer(
F),ie?zt=ie.dtype:"constant"in F?($l=2,typeof F.constant=="number"?(wt=F.constant,sl=he=el=0):(wt=F.constant.length>0?F.
constant[0]:0,sl=F.constant.length>1?F.constant[1]:0,he=F.constant.length>2?F.constant[2]:0,el=F.constant.length>3?F.constant[3]:
0)):(te(F.buffer)?ie=S.createStream(34962,F.buffer):ie=S.getBuffer(F.buffer),zt="type"in F?n[F.type]:ie.dtype,je=!!F.normalized,
Xt=F.size|0,Yt=F.offset|0,tt=F.stride|0,ot=F.divisor|0)),Pe=ji.location,H=It[Pe],$l===1?(H.buffer||h.enableVertexAttribArray(
Pe),He=Xt||3,(H.type!==zt||H.size!==He||H.buffer!==ie||H.normalized!==je||H.offset!==Yt||H.stride!==tt)&&(h.bindBuffer(34962,
ie.buffer),h.vertexAttribPointer(Pe,He,zt,je,tt,Yt),H.type=zt,H.size=He,H.buffer=ie,H.normalized=je,H.offset=Yt,H.stride=
tt)):(H.buffer&&(h.disableVertexAttribArray(Pe),H.buffer=null),(H.x!==wt||H.y!==sl||H.z!==he||H.w!==el)&&(h.vertexAttrib4f(
Pe,wt,sl,he,el),H.x=wt,H.y=sl,H.z=he,H.w=el)),ae=ri.call(this,Je,y,0),h.uniform1f(Zi.location,ae),_e=jt.call(this,Je,y,0),
_e&&_e._reglType==="framebuffer"&&(_e=_e.color[0]),Zt=_e._texture,h.uniform1i(ct.location,Zt.bind()),ee=Qi.call(this,Je,
y,0),h.uniform1f(ci.location,ee),ne=Be.call(this,Je,y,0),h.uniform1f(V.location,ne),h.uniform1i(Pi.location,1),Ae=J.call(
this,Je,y,0),h.uniformMatrix4fv(O.location,!1,Array.isArray(Ae)||Ae instanceof Float32Array?Ae:(l[0]=Ae[0],l[1]=Ae[1],l[2]=
Ae[2],l[3]=Ae[3],l[4]=Ae[4],l[5]=Ae[5],l[6]=Ae[6],l[7]=Ae[7],l[8]=Ae[8],l[9]=Ae[9],l[10]=Ae[10],l[11]=Ae[11],l[12]=Ae[12],
l[13]=Ae[13],l[14]=Ae[14],l[15]=Ae[15],l)),tl=ke.call(this,Je,y,0),h.uniform1f(G.location,tl),xt=Ve.call(this,Je,y,0),h.
uniform1f(lt.location,xt),M=wl.call(this,Je,y,0),h.uniform1f(Q.location,M),E=Di.call(this,Je,y,0),Et=null,ol=te(E),ol?Et=
cl.createStream(E):Et=cl.getElements(E),Et&&h.bindBuffer(34963,Et.buffer.buffer),kl=Et?Et.primType:4,$t=Et?Et.vertCount:
-1,$t&&(Et?h.drawElements(kl,$t,Et.type,0<<(Et.type-5121>>1)):h.drawArrays(kl,0,$t),C.dirty=!0,_t.setVAO(null),N&&(Tl.cpuTime+=
performance.now()-oi),a&&S.destroyStream(K),Sl&&S.destroyStream(ue),Pt&&S.destroyStream(c),Oe&&S.destroyStream(Le),Xl&&S.
destroyStream(Tt),Zl&&S.destroyStream(ie),Zt.unbind(),ol&&cl.destroyStream(Et))},scope:function(y,z,N){var oi,Jl,a,f,ul,
bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le,u,c,w,x,jl,B,m,k,Ie,
Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,
ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,
Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui,vi,nn,fn,rn,ln,gi,sn,dn,an,cn,pn,mn,hn,_n,yn,on,tn,un,zn,wn,en,Sn,An,Fn,kn,On,bn,Bn,
Vn,xn,Wn,Mn,qn,Tn,En,Cn,Pn,Hn,Rn,Dn,In,Ln,jn,Gn,Jn,Kn,Nn;oi=Xe.blend_enable,Xe.blend_enable=hi,Jl=at[0],at[0]=Hi,a=at[1],
at[1]=Vi,f=at[2],at[2]=Ii,ul=at[3],at[3]=ti,bi=Xe.depth_enable,Xe.depth_enable=di,it=C.profile,it&&(Te=performance.now(),
Tl.count++),K=Di.call(this,Je,y,N),D=null,nt=te(K),nt?D=cl.createStream(K):D=cl.getElements(K),re=Si.elements,Si.elements=
D,ce=Si.offset,Si.offset=pi,qt=D?D.vertCount:-1,ql=Si.count,Si.count=qt,kt=D?D.primType:4,P=Si.primitive,Si.primitive=kt,
Ee=Ce[Wi],Ce[Wi]=1,fl=J.call(this,Je,y,N),Sl=Ce[Wl],Ce[Wl]=fl,Ql=ri.call(this,Je,y,N),al=Ce[yi],Ce[yi]=Ql,Ot=jt.call(this,
Je,y,N),ge=Ce[Ei],Ce[Ei]=Ot,U=Be.call(this,Je,y,N),ue=Ce[mi],Ce[mi]=U,et=Qi.call(this,Je,y,N),xl=Ce[Ri],Ce[Ri]=et,bl=ui.
call(this,Je,y,N),Al=Ce[Ai],Ce[Ai]=bl,Fl=wl.call(this,Je,y,N),Kl=Ce[si],Ce[si]=Fl,Xi=Ve.call(this,Je,y,N),be=Ce[zi],Ce[zi]=
Xi,ft=ke.call(this,Je,y,N),Gi=Ce[wi],Ce[wi]=ft,Pt=Fe.call(this,Je,y,N),F.buffer=Pt,Pl=!1,b=1,r=0,le=0,u=0,c=0,w=null,x=0,
jl=!1,B=5126,m=0,k=0,Ie=0,te(F)?(Pl=!0,w=S.createStream(34962,F),B=w.dtype):(w=S.getBuffer(F),w?B=w.dtype:"constant"in F?
(b=2,typeof F.constant=="number"?(r=F.constant,le=u=c=0):(r=F.constant.length>0?F.constant[0]:0,le=F.constant.length>1?F.
constant[1]:0,u=F.constant.length>2?F.constant[2]:0,c=F.constant.length>3?F.constant[3]:0)):(te(F.buffer)?w=S.createStream(
34962,F.buffer):w=S.getBuffer(F.buffer),B="type"in F?n[F.type]:w.dtype,jl=!!F.normalized,x=F.size|0,m=F.offset|0,k=F.stride|
0,Ie=F.divisor|0)),Y=ze.state,ze.state=b,Me=ze.x,ze.x=r,fe=ze.y,ze.y=le,Oe=ze.z,ze.z=u,Ut=ze.w,ze.w=c,$=ze.buffer,ze.buffer=
w,g=ze.size,ze.size=x,st=ze.normalized,ze.normalized=jl,Ht=ze.type,ze.type=B,Le=ze.offset,ze.offset=m,W=ze.stride,ze.stride=
k,T=ze.divisor,ze.divisor=Ie,rl=Oi.call(this,Je,y,N),p.buffer=rl,Kt=!1,hl=1,dl=0,gt=0,de=0,Ul=0,Rt=null,Xl=0,pl=!1,_l=5126,
ut=0,Ll=0,bt=0,te(p)?(Kt=!0,Rt=S.createStream(34962,p),_l=Rt.dtype):(Rt=S.getBuffer(p),Rt?_l=Rt.dtype:"constant"in p?(hl=
2,typeof p.constant=="number"?(dl=p.constant,gt=de=Ul=0):(dl=p.constant.length>0?p.constant[0]:0,gt=p.constant.length>1?
p.constant[1]:0,de=p.constant.length>2?p.constant[2]:0,Ul=p.constant.length>3?p.constant[3]:0)):(te(p.buffer)?Rt=S.createStream(
34962,p.buffer):Rt=S.getBuffer(p.buffer),_l="type"in p?n[p.type]:Rt.dtype,pl=!!p.normalized,Xl=p.size|0,ut=p.offset|0,Ll=
p.stride|0,bt=p.divisor|0)),Tt=Se.state,Se.state=hl,ii=Se.x,Se.x=dl,Yl=Se.y,Se.y=gt,yl=Se.z,Se.z=de,Nl=Se.w,Se.w=Ul,I=Se.
buffer,Se.buffer=Rt,ni=Se.size,Se.size=Xl,L=Se.normalized,Se.normalized=pl,pe=Se.type,Se.type=_l,Gl=Se.offset,Se.offset=
ut,ei=Se.stride,Se.stride=Ll,Zl=Se.divisor,Se.divisor=bt,$l=Ti.call(this,Je,y,N),t.buffer=$l,wt=!1,sl=1,he=0,el=0,ie=0,Xt=
0,je=null,zt=0,Yt=!1,tt=5126,ot=0,Pe=0,H=0,te(t)?(wt=!0,je=S.createStream(34962,t),tt=je.dtype):(je=S.getBuffer(t),je?tt=
je.dtype:"constant"in t?(sl=2,typeof t.constant=="number"?(he=t.constant,el=ie=Xt=0):(he=t.constant.length>0?t.constant[0]:
0,el=t.constant.length>1?t.constant[1]:0,ie=t.constant.length>2?t.constant[2]:0,Xt=t.constant.length>3?t.constant[3]:0)):
(te(t.buffer)?je=S.createStream(34962,t.buffer):je=S.getBuffer(t.buffer),tt="type"in t?n[t.type]:je.dtype,Yt=!!t.normalized,
zt=t.size|0,ot=t.offset|0,Pe=t.stride|0,H=t.divisor|0)),He=Wt.state,Wt.state=sl,ae=Wt.x,Wt.x=he,_e=Wt.y,Wt.y=el,Zt=Wt.z,
Wt.z=ie,ee=Wt.w,Wt.w=Xt,ne=Wt.buffer,Wt.buffer=je,Ae=Wt.size,Wt.size=zt,tl=Wt.normalized,Wt.normalized=Yt,xt=Wt.type,Wt.
type=tt,M=Wt.offset,Wt.offset=ot,E=Wt.stride,Wt.stride=Pe,Et=Wt.divisor,Wt.divisor=H,ol=$i.call(this,Je,y,N),e.buffer=ol,
kl=!1,$t=1,vt=0,$e=0,Hl=0,St=0,Ue=null,Ge=0,At=!1,we=5126,Bt=0,X=0,me=0,te(e)?(kl=!0,Ue=S.createStream(34962,e),we=Ue.dtype):
(Ue=S.getBuffer(e),Ue?we=Ue.dtype:"constant"in e?($t=2,typeof e.constant=="number"?(vt=e.constant,$e=Hl=St=0):(vt=e.constant.
length>0?e.constant[0]:0,$e=e.constant.length>1?e.constant[1]:0,Hl=e.constant.length>2?e.constant[2]:0,St=e.constant.length>
3?e.constant[3]:0)):(te(e.buffer)?Ue=S.createStream(34962,e.buffer):Ue=S.getBuffer(e.buffer),we="type"in e?n[e.type]:Ue.
dtype,At=!!e.normalized,Ge=e.size|0,Bt=e.offset|0,X=e.stride|0,me=e.divisor|0)),Rl=ht.state,ht.state=$t,ll=ht.x,ht.x=vt,
Vt=ht.y,ht.y=$e,Bl=ht.z,ht.z=Hl,j=ht.w,ht.w=St,fi=ht.buffer,ht.buffer=Ue,Z=ht.size,ht.size=Ge,Vl=ht.normalized,ht.normalized=
At,ki=ht.type,ht.type=we,Ci=ht.offset,ht.offset=Bt,Mi=ht.stride,ht.stride=X,qi=ht.divisor,ht.divisor=me,ai=_i.call(this,
Je,y,N),i.buffer=ai,xi=!1,vl=1,Li=0,Bi=0,Yi=0,Ui=0,vi=null,nn=0,fn=!1,rn=5126,ln=0,gi=0,sn=0,te(i)?(xi=!0,vi=S.createStream(
34962,i),rn=vi.dtype):(vi=S.getBuffer(i),vi?rn=vi.dtype:"constant"in i?(vl=2,typeof i.constant=="number"?(Li=i.constant,
Bi=Yi=Ui=0):(Li=i.constant.length>0?i.constant[0]:0,Bi=i.constant.length>1?i.constant[1]:0,Yi=i.constant.length>2?i.constant[2]:
0,Ui=i.constant.length>3?i.constant[3]:0)):(te(i.buffer)?vi=S.createStream(34962,i.buffer):vi=S.getBuffer(i.buffer),rn="\
type"in i?n[i.type]:vi.dtype,fn=!!i.normalized,nn=i.size|0,ln=i.offset|0,gi=i.stride|0,sn=i.divisor|0)),dn=We.state,We.state=
vl,an=We.x,We.x=Li,cn=We.y,We.y=Bi,pn=We.z,We.z=Yi,mn=We.w,We.w=Ui,hn=We.buffer,We.buffer=vi,_n=We.size,We.size=nn,yn=We.
normalized,We.normalized=fn,on=We.type,We.type=rn,tn=We.offset,We.offset=ln,un=We.stride,We.stride=gi,zn=We.divisor,We.divisor=
sn,wn=mt.call(this,Je,y,N),d.buffer=wn,en=!1,Sn=1,An=0,Fn=0,kn=0,On=0,bn=null,Bn=0,Vn=!1,xn=5126,Wn=0,Mn=0,qn=0,te(d)?(en=
!0,bn=S.createStream(34962,d),xn=bn.dtype):(bn=S.getBuffer(d),bn?xn=bn.dtype:"constant"in d?(Sn=2,typeof d.constant=="nu\
mber"?(An=d.constant,Fn=kn=On=0):(An=d.constant.length>0?d.constant[0]:0,Fn=d.constant.length>1?d.constant[1]:0,kn=d.constant.
length>2?d.constant[2]:0,On=d.constant.length>3?d.constant[3]:0)):(te(d.buffer)?bn=S.createStream(34962,d.buffer):bn=S.getBuffer(
d.buffer),xn="type"in d?n[d.type]:bn.dtype,Vn=!!d.normalized,Bn=d.size|0,Wn=d.offset|0,Mn=d.stride|0,qn=d.divisor|0)),Tn=
Re.state,Re.state=Sn,En=Re.x,Re.x=An,Cn=Re.y,Re.y=Fn,Pn=Re.z,Re.z=kn,Hn=Re.w,Re.w=On,Rn=Re.buffer,Re.buffer=bn,Dn=Re.size,
Re.size=Bn,In=Re.normalized,Re.normalized=Vn,Ln=Re.type,Re.type=xn,jn=Re.offset,Re.offset=Wn,Gn=Re.stride,Re.stride=Mn,Jn=
Re.divisor,Re.divisor=qn,Kn=El.vert,El.vert=ml,Nn=El.frag,El.frag=Fi,C.dirty=!0,z(Je,y,N),Xe.blend_enable=oi,at[0]=Jl,at[1]=
a,at[2]=f,at[3]=ul,Xe.depth_enable=bi,it&&(Tl.cpuTime+=performance.now()-Te),nt&&cl.destroyStream(D),Si.elements=re,Si.offset=
ce,Si.count=ql,Si.primitive=P,Ce[Wi]=Ee,Ce[Wl]=Sl,Ce[yi]=al,Ce[Ei]=ge,Ce[mi]=ue,Ce[Ri]=xl,Ce[Ai]=Al,Ce[si]=Kl,Ce[zi]=be,
Ce[wi]=Gi,Pl&&S.destroyStream(w),ze.state=Y,ze.x=Me,ze.y=fe,ze.z=Oe,ze.w=Ut,ze.buffer=$,ze.size=g,ze.normalized=st,ze.type=
Ht,ze.offset=Le,ze.stride=W,ze.divisor=T,Kt&&S.destroyStream(Rt),Se.state=Tt,Se.x=ii,Se.y=Yl,Se.z=yl,Se.w=Nl,Se.buffer=I,
Se.size=ni,Se.normalized=L,Se.type=pe,Se.offset=Gl,Se.stride=ei,Se.divisor=Zl,wt&&S.destroyStream(je),Wt.state=He,Wt.x=ae,
Wt.y=_e,Wt.z=Zt,Wt.w=ee,Wt.buffer=ne,Wt.size=Ae,Wt.normalized=tl,Wt.type=xt,Wt.offset=M,Wt.stride=E,Wt.divisor=Et,kl&&S.
destroyStream(Ue),ht.state=Rl,ht.x=ll,ht.y=Vt,ht.z=Bl,ht.w=j,ht.buffer=fi,ht.size=Z,ht.normalized=Vl,ht.type=ki,ht.offset=
Ci,ht.stride=Mi,ht.divisor=qi,xi&&S.destroyStream(vi),We.state=dn,We.x=an,We.y=cn,We.z=pn,We.w=mn,We.buffer=hn,We.size=_n,
We.normalized=yn,We.type=on,We.offset=tn,We.stride=un,We.divisor=zn,en&&S.destroyStream(bn),Re.state=Tn,Re.x=En,Re.y=Cn,
Re.z=Pn,Re.w=Hn,Re.buffer=Rn,Re.size=Dn,Re.normalized=In,Re.type=Ln,Re.offset=jn,Re.stride=Gn,Re.divisor=Jn,El.vert=Kn,El.
frag=Nn,C.dirty=!0},batch:function(y,z){var N,oi,Jl,a,f;if(N=Qe.next,N!==Qe.cur&&(N?h.bindFramebuffer(36160,N.framebuffer):
h.bindFramebuffer(36160,null),Qe.cur=N),C.dirty){var ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,
bl,Al,Fl,Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le,u,c,w,x,jl,B,m,k,Ie,Y,Me;ul=Xe.dither,ul!==C.dither&&(ul?h.enable(3024):h.disable(3024),
C.dither=ul),bi=xe[0],it=xe[1],Te=xe[2],K=xe[3],(bi!==se[0]||it!==se[1]||Te!==se[2]||K!==se[3])&&(h.blendColor(bi,it,Te,
K),se[0]=bi,se[1]=it,se[2]=Te,se[3]=K),D=il[0],nt=il[1],(D!==pt[0]||nt!==pt[1])&&(h.blendEquationSeparate(D,nt),pt[0]=D,
pt[1]=nt),re=Xe.depth_func,re!==C.depth_func&&(h.depthFunc(re),C.depth_func=re),ce=Ke[0],qt=Ke[1],(ce!==Ye[0]||qt!==Ye[1])&&
(h.depthRange(ce,qt),Ye[0]=ce,Ye[1]=qt),ql=Xe.depth_mask,ql!==C.depth_mask&&(h.depthMask(ql),C.depth_mask=ql),kt=Ne[0],P=
Ne[1],Ee=Ne[2],fl=Ne[3],(kt!==rt[0]||P!==rt[1]||Ee!==rt[2]||fl!==rt[3])&&(h.colorMask(kt,P,Ee,fl),rt[0]=kt,rt[1]=P,rt[2]=
Ee,rt[3]=fl),Sl=Xe.cull_enable,Sl!==C.cull_enable&&(Sl?h.enable(2884):h.disable(2884),C.cull_enable=Sl),Ql=Xe.cull_face,
Ql!==C.cull_face&&(h.cullFace(Ql),C.cull_face=Ql),al=Xe.frontFace,al!==C.frontFace&&(h.frontFace(al),C.frontFace=al),Ot=
Xe.lineWidth,Ot!==C.lineWidth&&(h.lineWidth(Ot),C.lineWidth=Ot),ge=Xe.polygonOffset_enable,ge!==C.polygonOffset_enable&&
(ge?h.enable(32823):h.disable(32823),C.polygonOffset_enable=ge),U=Ol[0],ue=Ol[1],(U!==Cl[0]||ue!==Cl[1])&&(h.polygonOffset(
U,ue),Cl[0]=U,Cl[1]=ue),et=Xe.sample_alpha,et!==C.sample_alpha&&(et?h.enable(32926):h.disable(32926),C.sample_alpha=et),
xl=Xe.sample_enable,xl!==C.sample_enable&&(xl?h.enable(32928):h.disable(32928),C.sample_enable=xl),bl=Jt[0],Al=Jt[1],(bl!==
Ml[0]||Al!==Ml[1])&&(h.sampleCoverage(bl,Al),Ml[0]=bl,Ml[1]=Al),Fl=Xe.stencil_enable,Fl!==C.stencil_enable&&(Fl?h.enable(
2960):h.disable(2960),C.stencil_enable=Fl),Kl=Xe.stencil_mask,Kl!==C.stencil_mask&&(h.stencilMask(Kl),C.stencil_mask=Kl),
Xi=Mt[0],be=Mt[1],ft=Mt[2],(Xi!==ye[0]||be!==ye[1]||ft!==ye[2])&&(h.stencilFunc(Xi,be,ft),ye[0]=Xi,ye[1]=be,ye[2]=ft),Gi=
nl[0],Pt=nl[1],Pl=nl[2],b=nl[3],(Gi!==Ft[0]||Pt!==Ft[1]||Pl!==Ft[2]||b!==Ft[3])&&(h.stencilOpSeparate(Gi,Pt,Pl,b),Ft[0]=
Gi,Ft[1]=Pt,Ft[2]=Pl,Ft[3]=b),r=Nt[0],le=Nt[1],u=Nt[2],c=Nt[3],(r!==Qt[0]||le!==Qt[1]||u!==Qt[2]||c!==Qt[3])&&(h.stencilOpSeparate(
r,le,u,c),Qt[0]=r,Qt[1]=le,Qt[2]=u,Qt[3]=c),w=Xe.scissor_enable,w!==C.scissor_enable&&(w?h.enable(3089):h.disable(3089),
C.scissor_enable=w),x=De[0],jl=De[1],B=De[2],m=De[3],(x!==Ct[0]||jl!==Ct[1]||B!==Ct[2]||m!==Ct[3])&&(h.scissor(x,jl,B,m),
Ct[0]=x,Ct[1]=jl,Ct[2]=B,Ct[3]=m),k=Ze[0],Ie=Ze[1],Y=Ze[2],Me=Ze[3],(k!==v[0]||Ie!==v[1]||Y!==v[2]||Me!==v[3])&&(h.viewport(
k,Ie,Y,Me),v[0]=k,v[1]=Ie,v[2]=Y,v[3]=Me)}Dt?h.enable(3042):h.disable(3042),C.blend_enable=Dt,h.blendFuncSeparate(770,771,
1,771),yt[0]=770,yt[1]=771,yt[2]=1,yt[3]=771,Dl?h.enable(2929):h.disable(2929),C.depth_enable=Dl,oi=C.profile,oi&&(Jl=performance.
now(),Tl.count+=z),h.useProgram(qe.program);var fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,
Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,
St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui,vi,nn,fn,rn,ln,gi,sn,dn,an,cn,pn,mn,hn,_n,
yn,on,tn,un,zn,wn;for(_t.setVAO(null),fe=mt.call(this,Je,f,a),d.buffer=fe,Oe=!1,Ut=1,$=0,g=0,st=0,Ht=0,Le=null,W=0,T=!1,
rl=5126,Kt=0,hl=0,dl=0,te(d)?(Oe=!0,Le=S.createStream(34962,d),rl=Le.dtype):(Le=S.getBuffer(d),Le?rl=Le.dtype:"constant"in
d?(Ut=2,typeof d.constant=="number"?($=d.constant,g=st=Ht=0):($=d.constant.length>0?d.constant[0]:0,g=d.constant.length>
1?d.constant[1]:0,st=d.constant.length>2?d.constant[2]:0,Ht=d.constant.length>3?d.constant[3]:0)):(te(d.buffer)?Le=S.createStream(
34962,d.buffer):Le=S.getBuffer(d.buffer),rl="type"in d?n[d.type]:Le.dtype,T=!!d.normalized,W=d.size|0,Kt=d.offset|0,hl=d.
stride|0,dl=d.divisor|0)),gt=dt.location,de=It[gt],Ut===1?(de.buffer||h.enableVertexAttribArray(gt),Ul=W||1,(de.type!==rl||
de.size!==Ul||de.buffer!==Le||de.normalized!==T||de.offset!==Kt||de.stride!==hl)&&(h.bindBuffer(34962,Le.buffer),h.vertexAttribPointer(
gt,Ul,rl,T,hl,Kt),de.type=rl,de.size=Ul,de.buffer=Le,de.normalized=T,de.offset=Kt,de.stride=hl)):(de.buffer&&(h.disableVertexAttribArray(
gt),de.buffer=null),(de.x!==$||de.y!==g||de.z!==st||de.w!==Ht)&&(h.vertexAttrib4f(gt,$,g,st,Ht),de.x=$,de.y=g,de.z=st,de.
w=Ht)),Rt=Oi.call(this,Je,f,a),p.buffer=Rt,Xl=!1,pl=1,_l=0,ut=0,Ll=0,bt=0,Tt=null,ii=0,Yl=!1,yl=5126,Nl=0,I=0,ni=0,te(p)?
(Xl=!0,Tt=S.createStream(34962,p),yl=Tt.dtype):(Tt=S.getBuffer(p),Tt?yl=Tt.dtype:"constant"in p?(pl=2,typeof p.constant==
"number"?(_l=p.constant,ut=Ll=bt=0):(_l=p.constant.length>0?p.constant[0]:0,ut=p.constant.length>1?p.constant[1]:0,Ll=p.
constant.length>2?p.constant[2]:0,bt=p.constant.length>3?p.constant[3]:0)):(te(p.buffer)?Tt=S.createStream(34962,p.buffer):
Tt=S.getBuffer(p.buffer),yl="type"in p?n[p.type]:Tt.dtype,Yl=!!p.normalized,ii=p.size|0,Nl=p.offset|0,I=p.stride|0,ni=p.
divisor|0)),L=A.location,pe=It[L],pl===1?(pe.buffer||h.enableVertexAttribArray(L),Gl=ii||3,(pe.type!==yl||pe.size!==Gl||
pe.buffer!==Tt||pe.normalized!==Yl||pe.offset!==Nl||pe.stride!==I)&&(h.bindBuffer(34962,Tt.buffer),h.vertexAttribPointer(
L,Gl,yl,Yl,I,Nl),pe.type=yl,pe.size=Gl,pe.buffer=Tt,pe.normalized=Yl,pe.offset=Nl,pe.stride=I)):(pe.buffer&&(h.disableVertexAttribArray(
L),pe.buffer=null),(pe.x!==_l||pe.y!==ut||pe.z!==Ll||pe.w!==bt)&&(h.vertexAttrib4f(L,_l,ut,Ll,bt),pe.x=_l,pe.y=ut,pe.z=Ll,
pe.w=bt)),ei=Ti.call(this,Je,f,a),t.buffer=ei,Zl=!1,$l=1,wt=0,sl=0,he=0,el=0,ie=null,Xt=0,je=!1,zt=5126,Yt=0,tt=0,ot=0,te(
t)?(Zl=!0,ie=S.createStream(34962,t),zt=ie.dtype):(ie=S.getBuffer(t),ie?zt=ie.dtype:"constant"in t?($l=2,typeof t.constant==
"number"?(wt=t.constant,sl=he=el=0):(wt=t.constant.length>0?t.constant[0]:0,sl=t.constant.length>1?t.constant[1]:0,he=t.
constant.length>2?t.constant[2]:0,el=t.constant.length>3?t.constant[3]:0)):(te(t.buffer)?ie=S.createStream(34962,t.buffer):
ie=S.getBuffer(t.buffer),zt="type"in t?n[t.type]:ie.dtype,je=!!t.normalized,Xt=t.size|0,Yt=t.offset|0,tt=t.stride|0,ot=t.
divisor|0)),Pe=Ni.location,H=It[Pe],$l===1?(H.buffer||h.enableVertexAttribArray(Pe),He=Xt||3,(H.type!==zt||H.size!==He||
H.buffer!==ie||H.normalized!==je||H.offset!==Yt||H.stride!==tt)&&(h.bindBuffer(34962,ie.buffer),h.vertexAttribPointer(Pe,
He,zt,je,tt,Yt),H.type=zt,H.size=He,H.buffer=ie,H.normalized=je,H.offset=Yt,H.stride=tt)):(H.buffer&&(h.disableVertexAttribArray(
Pe),H.buffer=null),(H.x!==wt||H.y!==sl||H.z!==he||H.w!==el)&&(h.vertexAttrib4f(Pe,wt,sl,he,el),H.x=wt,H.y=sl,H.z=he,H.w=
el)),ae=_i.call(this,Je,f,a),i.buffer=ae,_e=!1,Zt=1,ee=0,ne=0,Ae=0,tl=0,xt=null,M=0,E=!1,Et=5126,ol=0,kl=0,$t=0,te(i)?(_e=
!0,xt=S.createStream(34962,i),Et=xt.dtype):(xt=S.getBuffer(i),xt?Et=xt.dtype:"constant"in i?(Zt=2,typeof i.constant=="nu\
mber"?(ee=i.constant,ne=Ae=tl=0):(ee=i.constant.length>0?i.constant[0]:0,ne=i.constant.length>1?i.constant[1]:0,Ae=i.constant.
length>2?i.constant[2]:0,tl=i.constant.length>3?i.constant[3]:0)):(te(i.buffer)?xt=S.createStream(34962,i.buffer):xt=S.getBuffer(
i.buffer),Et="type"in i?n[i.type]:xt.dtype,E=!!i.normalized,M=i.size|0,ol=i.offset|0,kl=i.stride|0,$t=i.divisor|0)),vt=q.
location,$e=It[vt],Zt===1?($e.buffer||h.enableVertexAttribArray(vt),Hl=M||1,($e.type!==Et||$e.size!==Hl||$e.buffer!==xt||
$e.normalized!==E||$e.offset!==ol||$e.stride!==kl)&&(h.bindBuffer(34962,xt.buffer),h.vertexAttribPointer(vt,Hl,Et,E,kl,ol),
$e.type=Et,$e.size=Hl,$e.buffer=xt,$e.normalized=E,$e.offset=ol,$e.stride=kl)):($e.buffer&&(h.disableVertexAttribArray(vt),
$e.buffer=null),($e.x!==ee||$e.y!==ne||$e.z!==Ae||$e.w!==tl)&&(h.vertexAttrib4f(vt,ee,ne,Ae,tl),$e.x=ee,$e.y=ne,$e.z=Ae,
$e.w=tl)),St=$i.call(this,Je,f,a),e.buffer=St,Ue=!1,Ge=1,At=0,we=0,Bt=0,X=0,me=null,Rl=0,ll=!1,Vt=5126,Bl=0,j=0,fi=0,te(
e)?(Ue=!0,me=S.createStream(34962,e),Vt=me.dtype):(me=S.getBuffer(e),me?Vt=me.dtype:"constant"in e?(Ge=2,typeof e.constant==
"number"?(At=e.constant,we=Bt=X=0):(At=e.constant.length>0?e.constant[0]:0,we=e.constant.length>1?e.constant[1]:0,Bt=e.constant.
length>2?e.constant[2]:0,X=e.constant.length>3?e.constant[3]:0)):(te(e.buffer)?me=S.createStream(34962,e.buffer):me=S.getBuffer(
e.buffer),Vt="type"in e?n[e.type]:me.dtype,ll=!!e.normalized,Rl=e.size|0,Bl=e.offset|0,j=e.stride|0,fi=e.divisor|0)),Z=Ji.
location,Vl=It[Z],Ge===1?(Vl.buffer||h.enableVertexAttribArray(Z),ki=Rl||1,(Vl.type!==Vt||Vl.size!==ki||Vl.buffer!==me||
Vl.normalized!==ll||Vl.offset!==Bl||Vl.stride!==j)&&(h.bindBuffer(34962,me.buffer),h.vertexAttribPointer(Z,ki,Vt,ll,j,Bl),
Vl.type=Vt,Vl.size=ki,Vl.buffer=me,Vl.normalized=ll,Vl.offset=Bl,Vl.stride=j)):(Vl.buffer&&(h.disableVertexAttribArray(Z),
Vl.buffer=null),(Vl.x!==At||Vl.y!==we||Vl.z!==Bt||Vl.w!==X)&&(h.vertexAttrib4f(Z,At,we,Bt,X),Vl.x=At,Vl.y=we,Vl.z=Bt,Vl.
w=X)),Ci=Fe.call(this,Je,f,a),F.buffer=Ci,Mi=!1,qi=1,ai=0,xi=0,vl=0,Li=0,Bi=null,Yi=0,Ui=!1,vi=5126,nn=0,fn=0,rn=0,te(F)?
(Mi=!0,Bi=S.createStream(34962,F),vi=Bi.dtype):(Bi=S.getBuffer(F),Bi?vi=Bi.dtype:"constant"in F?(qi=2,typeof F.constant==
"number"?(ai=F.constant,xi=vl=Li=0):(ai=F.constant.length>0?F.constant[0]:0,xi=F.constant.length>1?F.constant[1]:0,vl=F.
constant.length>2?F.constant[2]:0,Li=F.constant.length>3?F.constant[3]:0)):(te(F.buffer)?Bi=S.createStream(34962,F.buffer):
Bi=S.getBuffer(F.buffer),vi="type"in F?n[F.type]:Bi.dtype,Ui=!!F.normalized,Yi=F.size|0,nn=F.offset|0,fn=F.stride|0,rn=F.
divisor|0)),ln=ji.location,gi=It[ln],qi===1?(gi.buffer||h.enableVertexAttribArray(ln),sn=Yi||3,(gi.type!==vi||gi.size!==
sn||gi.buffer!==Bi||gi.normalized!==Ui||gi.offset!==nn||gi.stride!==fn)&&(h.bindBuffer(34962,Bi.buffer),h.vertexAttribPointer(
ln,sn,vi,Ui,fn,nn),gi.type=vi,gi.size=sn,gi.buffer=Bi,gi.normalized=Ui,gi.offset=nn,gi.stride=fn)):(gi.buffer&&(h.disableVertexAttribArray(
ln),gi.buffer=null),(gi.x!==ai||gi.y!==xi||gi.z!==vl||gi.w!==Li)&&(h.vertexAttrib4f(ln,ai,xi,vl,Li),gi.x=ai,gi.y=xi,gi.z=
vl,gi.w=Li)),dn=ri.call(this,Je,f,a),h.uniform1f(Zi.location,dn),an=jt.call(this,Je,f,a),an&&an._reglType==="framebuffer"&&
(an=an.color[0]),cn=an._texture,h.uniform1i(ct.location,cn.bind()),pn=Qi.call(this,Je,f,a),h.uniform1f(ci.location,pn),mn=
Be.call(this,Je,f,a),h.uniform1f(V.location,mn),h.uniform1i(Pi.location,1),hn=ke.call(this,Je,f,a),h.uniform1f(G.location,
hn),_n=Ve.call(this,Je,f,a),h.uniform1f(lt.location,_n),yn=wl.call(this,Je,f,a),h.uniform1f(Q.location,yn),on=Di.call(this,
Je,f,a),tn=null,un=te(on),un?tn=cl.createStream(on):tn=cl.getElements(on),tn&&h.bindBuffer(34963,tn.buffer.buffer),zn=tn?
tn.primType:4,wn=tn?tn.vertCount:-1,a=0;a<z;++a){f=y[a];var en;en=J.call(this,Je,f,a),h.uniformMatrix4fv(O.location,!1,Array.
isArray(en)||en instanceof Float32Array?en:(s[0]=en[0],s[1]=en[1],s[2]=en[2],s[3]=en[3],s[4]=en[4],s[5]=en[5],s[6]=en[6],
s[7]=en[7],s[8]=en[8],s[9]=en[9],s[10]=en[10],s[11]=en[11],s[12]=en[12],s[13]=en[13],s[14]=en[14],s[15]=en[15],s)),wn&&(tn?
h.drawElements(zn,wn,tn.type,0<<(tn.type-5121>>1)):h.drawArrays(zn,0,wn))}Oe&&S.destroyStream(Le),Xl&&S.destroyStream(Tt),
Zl&&S.destroyStream(ie),_e&&S.destroyStream(xt),Ue&&S.destroyStream(me),Mi&&S.destroyStream(Bi),cn.unbind(),un&&cl.destroyStream(
tn),C.dirty=!0,_t.setVAO(null),oi&&(Tl.cpuTime+=performance.now()-Jl)}}},"5fc9e7ddb7edee92651d96ad4fb902364ecd79461a85ce\
f89ca07564e691e7b5":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t){
"use strict";var e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,
Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le,u;return e=_.gl,i=_.context,d=_.strings,l=_.next,s=_.current,y=_.draw,z=_.elements,N=_.buffer,
oi=_.shader,Jl=_.attributes,a=_.vao,f=_.uniforms,ul=_.framebuffer,bi=_.extensions,it=_.timer,Te=_.isBufferArgs,K=l.blend_color,
D=s.blend_color,nt=l.blend_equation,re=s.blend_equation,ce=l.blend_func,qt=s.blend_func,ql=l.depth_range,kt=s.depth_range,
P=l.colorMask,Ee=s.colorMask,fl=l.polygonOffset_offset,Sl=s.polygonOffset_offset,Ql=l.sample_coverage,al=s.sample_coverage,
Ot=l.stencil_func,ge=s.stencil_func,U=l.stencil_opFront,ue=s.stencil_opFront,et=l.stencil_opBack,xl=s.stencil_opBack,bl=
l.scissor_box,Al=s.scissor_box,Fl=l.viewport,Kl=s.viewport,Xi={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"l\
ine loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},be={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},ft={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Gi={add:32774,subtract:32778,"reverse \
subtract":32779},Pt={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Pl={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
b={cw:2304,ccw:2305},r={},r.size=2,le=new Float32Array(16),u=new Float32Array(16),{draw:function(c){var w,x,jl,B,m,k,Ie,
Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,
ie,Xt,je;if(w=ul.next,w!==ul.cur&&(w?e.bindFramebuffer(36160,w.framebuffer):e.bindFramebuffer(36160,null),ul.cur=w),s.dirty){
var zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,
Ci,Mi,qi,ai,xi,vl,Li;zt=l.dither,zt!==s.dither&&(zt?e.enable(3024):e.disable(3024),s.dither=zt),Yt=K[0],tt=K[1],ot=K[2],
Pe=K[3],(Yt!==D[0]||tt!==D[1]||ot!==D[2]||Pe!==D[3])&&(e.blendColor(Yt,tt,ot,Pe),D[0]=Yt,D[1]=tt,D[2]=ot,D[3]=Pe),H=nt[0],
He=nt[1],(H!==re[0]||He!==re[1])&&(e.blendEquationSeparate(H,He),re[0]=H,re[1]=He),ae=l.depth_func,ae!==s.depth_func&&(e.
depthFunc(ae),s.depth_func=ae),_e=ql[0],Zt=ql[1],(_e!==kt[0]||Zt!==kt[1])&&(e.depthRange(_e,Zt),kt[0]=_e,kt[1]=Zt),ee=l.
depth_mask,ee!==s.depth_mask&&(e.depthMask(ee),s.depth_mask=ee),ne=P[0],Ae=P[1],tl=P[2],xt=P[3],(ne!==Ee[0]||Ae!==Ee[1]||
tl!==Ee[2]||xt!==Ee[3])&&(e.colorMask(ne,Ae,tl,xt),Ee[0]=ne,Ee[1]=Ae,Ee[2]=tl,Ee[3]=xt),M=l.cull_enable,M!==s.cull_enable&&
(M?e.enable(2884):e.disable(2884),s.cull_enable=M),E=l.cull_face,E!==s.cull_face&&(e.cullFace(E),s.cull_face=E),Et=l.frontFace,
Et!==s.frontFace&&(e.frontFace(Et),s.frontFace=Et),ol=l.lineWidth,ol!==s.lineWidth&&(e.lineWidth(ol),s.lineWidth=ol),kl=
l.polygonOffset_enable,kl!==s.polygonOffset_enable&&(kl?e.enable(32823):e.disable(32823),s.polygonOffset_enable=kl),$t=fl[0],
vt=fl[1],($t!==Sl[0]||vt!==Sl[1])&&(e.polygonOffset($t,vt),Sl[0]=$t,Sl[1]=vt),$e=l.sample_alpha,$e!==s.sample_alpha&&($e?
e.enable(32926):e.disable(32926),s.sample_alpha=$e),Hl=l.sample_enable,Hl!==s.sample_enable&&(Hl?e.enable(32928):e.disable(
32928),s.sample_enable=Hl),St=Ql[0],Ue=Ql[1],(St!==al[0]||Ue!==al[1])&&(e.sampleCoverage(St,Ue),al[0]=St,al[1]=Ue),Ge=l.
stencil_enable,Ge!==s.stencil_enable&&(Ge?e.enable(2960):e.disable(2960),s.stencil_enable=Ge),At=l.stencil_mask,At!==s.stencil_mask&&
(e.stencilMask(At),s.stencil_mask=At),we=Ot[0],Bt=Ot[1],X=Ot[2],(we!==ge[0]||Bt!==ge[1]||X!==ge[2])&&(e.stencilFunc(we,Bt,
X),ge[0]=we,ge[1]=Bt,ge[2]=X),me=U[0],Rl=U[1],ll=U[2],Vt=U[3],(me!==ue[0]||Rl!==ue[1]||ll!==ue[2]||Vt!==ue[3])&&(e.stencilOpSeparate(
me,Rl,ll,Vt),ue[0]=me,ue[1]=Rl,ue[2]=ll,ue[3]=Vt),Bl=et[0],j=et[1],fi=et[2],Z=et[3],(Bl!==xl[0]||j!==xl[1]||fi!==xl[2]||
Z!==xl[3])&&(e.stencilOpSeparate(Bl,j,fi,Z),xl[0]=Bl,xl[1]=j,xl[2]=fi,xl[3]=Z),Vl=l.scissor_enable,Vl!==s.scissor_enable&&
(Vl?e.enable(3089):e.disable(3089),s.scissor_enable=Vl),ki=bl[0],Ci=bl[1],Mi=bl[2],qi=bl[3],(ki!==Al[0]||Ci!==Al[1]||Mi!==
Al[2]||qi!==Al[3])&&(e.scissor(ki,Ci,Mi,qi),Al[0]=ki,Al[1]=Ci,Al[2]=Mi,Al[3]=qi),ai=Fl[0],xi=Fl[1],vl=Fl[2],Li=Fl[3],(ai!==
Kl[0]||xi!==Kl[1]||vl!==Kl[2]||Li!==Kl[3])&&(e.viewport(ai,xi,vl,Li),Kl[0]=ai,Kl[1]=xi,Kl[2]=vl,Kl[3]=Li)}ve?e.enable(3042):
e.disable(3042),s.blend_enable=ve,e.blendFuncSeparate(770,771,1,771),qt[0]=770,qt[1]=771,qt[2]=1,qt[3]=771,Ki?e.enable(2929):
e.disable(2929),s.depth_enable=Ki,x=s.profile,x&&(jl=performance.now(),Tl.count++),e.useProgram(qe.program),a.setVAO(null),
B=mt.call(this,i,c,0),r.buffer=B,m=!1,k=1,Ie=0,Y=0,Me=0,fe=0,Oe=null,Ut=0,$=!1,g=5126,st=0,Ht=0,Le=0,Te(r)?(m=!0,Oe=N.createStream(
34962,r),g=Oe.dtype):(Oe=N.getBuffer(r),Oe?g=Oe.dtype:"constant"in r?(k=2,typeof r.constant=="number"?(Ie=r.constant,Y=Me=
fe=0):(Ie=r.constant.length>0?r.constant[0]:0,Y=r.constant.length>1?r.constant[1]:0,Me=r.constant.length>2?r.constant[2]:
0,fe=r.constant.length>3?r.constant[3]:0)):(Te(r.buffer)?Oe=N.createStream(34962,r.buffer):Oe=N.getBuffer(r.buffer),g="t\
ype"in r?Pl[r.type]:Oe.dtype,$=!!r.normalized,Ut=r.size|0,st=r.offset|0,Ht=r.stride|0,Le=r.divisor|0)),W=dt.location,T=Jl[W],
k===1?(T.buffer||e.enableVertexAttribArray(W),rl=Ut||2,(T.type!==g||T.size!==rl||T.buffer!==Oe||T.normalized!==$||T.offset!==
st||T.stride!==Ht)&&(e.bindBuffer(34962,Oe.buffer),e.vertexAttribPointer(W,rl,g,$,Ht,st),T.type=g,T.size=rl,T.buffer=Oe,
T.normalized=$,T.offset=st,T.stride=Ht)):(T.buffer&&(e.disableVertexAttribArray(W),T.buffer=null),(T.x!==Ie||T.y!==Y||T.
z!==Me||T.w!==fe)&&(e.vertexAttrib4f(W,Ie,Y,Me,fe),T.x=Ie,T.y=Y,T.z=Me,T.w=fe)),Kt=A.call(this,i,c,0),e.uniform1f(Oi.location,
Kt),hl=Ni.call(this,i,c,0),e.uniform1f(Ti.location,hl),dl=q.call(this,i,c,0),dl&&dl._reglType==="framebuffer"&&(dl=dl.color[0]),
gt=dl._texture,e.uniform1i(_i.location,gt.bind()),de=Ji.call(this,i,c,0),e.uniform1f($i.location,de),Ul=ji.call(this,i,c,
0),e.uniform1f(Fe.location,Ul),Rt=ri.call(this,i,c,0),e.uniform1f(Zi.location,Rt),Xl=jt.call(this,i,c,0),e.uniform1f(ct.
location,Xl),pl=Qi.call(this,i,c,0),pl&&pl._reglType==="framebuffer"&&(pl=pl.color[0]),_l=pl._texture,e.uniform1i(ci.location,
_l.bind()),ut=Be.call(this,i,c,0),e.uniform1f(V.location,ut),Ll=O.call(this,i,c,0),e.uniform1f(Pi.location,Ll),e.uniform1f(
J.location,1),bt=ke.call(this,i,c,0),e.uniform1f(G.location,bt),Tt=Ve.call(this,i,c,0),e.uniform1f(lt.location,Tt),ii=wl.
call(this,i,c,0),e.uniform1f(Q.location,ii),Yl=hi.call(this,i,c,0),e.uniform1f(Di.location,Yl),yl=Vi.call(this,i,c,0),e.
uniform1f(Hi.location,yl),Nl=ti.call(this,i,c,0),e.uniform1f(Ii.location,Nl),I=pi.call(this,i,c,0),e.uniform1f(di.location,
I),ni=Wl.call(this,i,c,0),e.uniform1f(Wi.location,ni),L=Ei.call(this,i,c,0),e.uniformMatrix4fv(yi.location,!1,Array.isArray(
L)||L instanceof Float32Array?L:(le[0]=L[0],le[1]=L[1],le[2]=L[2],le[3]=L[3],le[4]=L[4],le[5]=L[5],le[6]=L[6],le[7]=L[7],
le[8]=L[8],le[9]=L[9],le[10]=L[10],le[11]=L[11],le[12]=L[12],le[13]=L[13],le[14]=L[14],le[15]=L[15],le)),e.uniform1f(mi.
location,4),pe=ui.call(this,i,c,0),e.uniform1f(Ri.location,pe),Gl=si.call(this,i,c,0),e.uniform1f(Ai.location,Gl),ei=wi.
call(this,i,c,0),e.uniform1f(zi.location,ei),Zl=Se.call(this,i,c,0),e.uniform1f(ze.location,Zl),$l=ht.call(this,i,c,0),e.
uniform1f(Wt.location,$l),wt=Re.call(this,i,c,0),e.uniform1f(We.location,wt),sl=Fi.call(this,i,c,0),e.uniform1f(ml.location,
sl),he=Dl.call(this,i,c,0),he&&he._reglType==="framebuffer"&&(he=he.color[0]),el=he._texture,e.uniform1i(Dt.location,el.
bind()),ie=y.elements,ie?e.bindBuffer(34963,ie.buffer.buffer):a.currentVAO&&(ie=z.getElements(a.currentVAO.elements),ie&&
e.bindBuffer(34963,ie.buffer.buffer)),Xt=y.offset,je=h.call(this,i,c,0),je&&(ie?e.drawElements(0,je,ie.type,Xt<<(ie.type-
5121>>1)):e.drawArrays(0,Xt,je),s.dirty=!0,a.setVAO(null),x&&(Tl.cpuTime+=performance.now()-jl),m&&N.destroyStream(Oe),gt.
unbind(),_l.unbind(),el.unbind())},scope:function(c,w,x){var jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,
Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,
tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui,vi;jl=l.blend_enable,
l.blend_enable=Je,B=ce[0],ce[0]=Gt,m=ce[1],ce[1]=Xe,k=ce[2],ce[2]=C,Ie=ce[3],ce[3]=Si,Y=l.depth_enable,l.depth_enable=cl,
Me=s.profile,Me&&(fe=performance.now(),Tl.count++),Oe=h.call(this,i,c,x),Ut=y.count,y.count=Oe,$=y.primitive,y.primitive=
S,g=f[El],f[El]=1,st=f[It],f[It]=4,Ht=A.call(this,i,c,x),Le=f[_t],f[_t]=Ht,W=Ce.call(this,i,c,x),T=f[Qe],f[Qe]=W,rl=Ei.call(
this,i,c,x),Kt=f[Il],f[Il]=rl,hl=Lt.call(this,i,c,x),dl=f[te],f[te]=hl,gt=ht.call(this,i,c,x),de=f[xe],f[xe]=gt,Ul=Qi.call(
this,i,c,x),Rt=f[se],f[se]=Ul,Xl=O.call(this,i,c,x),pl=f[il],f[il]=Xl,_l=Be.call(this,i,c,x),ut=f[pt],f[pt]=_l,Ll=wi.call(
this,i,c,x),bt=f[at],f[at]=Ll,Tt=Se.call(this,i,c,x),ii=f[yt],f[yt]=Tt,Yl=Re.call(this,i,c,x),yl=f[Ke],f[Ke]=Yl,Nl=q.call(
this,i,c,x),I=f[Ye],f[Ye]=Nl,ni=ji.call(this,i,c,x),L=f[Ne],f[Ne]=ni,pe=Ji.call(this,i,c,x),Gl=f[rt],f[rt]=pe,ei=Dl.call(
this,i,c,x),Zl=f[Ol],f[Ol]=ei,$l=Cl.call(this,i,c,x),wt=f[Jt],f[Jt]=$l,sl=Ml.call(this,i,c,x),he=f[Mt],f[Mt]=sl,el=Ve.call(
this,i,c,x),ie=f[ye],f[ye]=el,Xt=ke.call(this,i,c,x),je=f[nl],f[nl]=Xt,zt=Vi.call(this,i,c,x),Yt=f[Ft],f[Ft]=zt,tt=hi.call(
this,i,c,x),ot=f[Nt],f[Nt]=tt,Pe=wl.call(this,i,c,x),H=f[Qt],f[Qt]=Pe,He=Wl.call(this,i,c,x),ae=f[De],f[De]=He,_e=pi.call(
this,i,c,x),Zt=f[Ct],f[Ct]=_e,ee=ti.call(this,i,c,x),ne=f[Ze],f[Ze]=ee,Ae=Ni.call(this,i,c,x),tl=f[v],f[v]=Ae,xt=si.call(
this,i,c,x),M=f[oe],f[oe]=xt,E=ui.call(this,i,c,x),Et=f[li],f[li]=E,ol=Fi.call(this,i,c,x),kl=f[gl],f[gl]=ol,$t=jt.call(
this,i,c,x),vt=f[zl],f[zl]=$t,$e=ri.call(this,i,c,x),Hl=f[o],f[o]=$e,St=mt.call(this,i,c,x),r.buffer=St,Ue=!1,Ge=1,At=0,
we=0,Bt=0,X=0,me=null,Rl=0,ll=!1,Vt=5126,Bl=0,j=0,fi=0,Te(r)?(Ue=!0,me=N.createStream(34962,r),Vt=me.dtype):(me=N.getBuffer(
r),me?Vt=me.dtype:"constant"in r?(Ge=2,typeof r.constant=="number"?(At=r.constant,we=Bt=X=0):(At=r.constant.length>0?r.constant[0]:
0,we=r.constant.length>1?r.constant[1]:0,Bt=r.constant.length>2?r.constant[2]:0,X=r.constant.length>3?r.constant[3]:0)):
(Te(r.buffer)?me=N.createStream(34962,r.buffer):me=N.getBuffer(r.buffer),Vt="type"in r?Pl[r.type]:me.dtype,ll=!!r.normalized,
Rl=r.size|0,Bl=r.offset|0,j=r.stride|0,fi=r.divisor|0)),Z=n.state,n.state=Ge,Vl=n.x,n.x=At,ki=n.y,n.y=we,Ci=n.z,n.z=Bt,Mi=
n.w,n.w=X,qi=n.buffer,n.buffer=me,ai=n.size,n.size=Rl,xi=n.normalized,n.normalized=ll,vl=n.type,n.type=Vt,Li=n.offset,n.
offset=Bl,Bi=n.stride,n.stride=j,Yi=n.divisor,n.divisor=fi,Ui=oi.vert,oi.vert=R,vi=oi.frag,oi.frag=F,s.dirty=!0,w(i,c,x),
l.blend_enable=jl,ce[0]=B,ce[1]=m,ce[2]=k,ce[3]=Ie,l.depth_enable=Y,Me&&(Tl.cpuTime+=performance.now()-fe),y.count=Ut,y.
primitive=$,f[El]=g,f[It]=st,f[_t]=Le,f[Qe]=T,f[Il]=Kt,f[te]=dl,f[xe]=de,f[se]=Rt,f[il]=pl,f[pt]=ut,f[at]=bt,f[yt]=ii,f[Ke]=
yl,f[Ye]=I,f[Ne]=L,f[rt]=Gl,f[Ol]=Zl,f[Jt]=wt,f[Mt]=he,f[ye]=ie,f[nl]=je,f[Ft]=Yt,f[Nt]=ot,f[Qt]=H,f[De]=ae,f[Ct]=Zt,f[Ze]=
ne,f[v]=tl,f[oe]=M,f[li]=Et,f[gl]=kl,f[zl]=vt,f[o]=Hl,Ue&&N.destroyStream(me),n.state=Z,n.x=Vl,n.y=ki,n.z=Ci,n.w=Mi,n.buffer=
qi,n.size=ai,n.normalized=xi,n.type=vl,n.offset=Li,n.stride=Bi,n.divisor=Yi,oi.vert=Ui,oi.frag=vi,s.dirty=!0},batch:function(c,w){
var x,jl,B,m,k;if(x=ul.next,x!==ul.cur&&(x?e.bindFramebuffer(36160,x.framebuffer):e.bindFramebuffer(36160,null),ul.cur=x),
s.dirty){var Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,
Zl,$l,wt,sl,he,el,ie,Xt,je,zt;Ie=l.dither,Ie!==s.dither&&(Ie?e.enable(3024):e.disable(3024),s.dither=Ie),Y=K[0],Me=K[1],
fe=K[2],Oe=K[3],(Y!==D[0]||Me!==D[1]||fe!==D[2]||Oe!==D[3])&&(e.blendColor(Y,Me,fe,Oe),D[0]=Y,D[1]=Me,D[2]=fe,D[3]=Oe),Ut=
nt[0],$=nt[1],(Ut!==re[0]||$!==re[1])&&(e.blendEquationSeparate(Ut,$),re[0]=Ut,re[1]=$),g=l.depth_func,g!==s.depth_func&&
(e.depthFunc(g),s.depth_func=g),st=ql[0],Ht=ql[1],(st!==kt[0]||Ht!==kt[1])&&(e.depthRange(st,Ht),kt[0]=st,kt[1]=Ht),Le=l.
depth_mask,Le!==s.depth_mask&&(e.depthMask(Le),s.depth_mask=Le),W=P[0],T=P[1],rl=P[2],Kt=P[3],(W!==Ee[0]||T!==Ee[1]||rl!==
Ee[2]||Kt!==Ee[3])&&(e.colorMask(W,T,rl,Kt),Ee[0]=W,Ee[1]=T,Ee[2]=rl,Ee[3]=Kt),hl=l.cull_enable,hl!==s.cull_enable&&(hl?
e.enable(2884):e.disable(2884),s.cull_enable=hl),dl=l.cull_face,dl!==s.cull_face&&(e.cullFace(dl),s.cull_face=dl),gt=l.frontFace,
gt!==s.frontFace&&(e.frontFace(gt),s.frontFace=gt),de=l.lineWidth,de!==s.lineWidth&&(e.lineWidth(de),s.lineWidth=de),Ul=
l.polygonOffset_enable,Ul!==s.polygonOffset_enable&&(Ul?e.enable(32823):e.disable(32823),s.polygonOffset_enable=Ul),Rt=fl[0],
Xl=fl[1],(Rt!==Sl[0]||Xl!==Sl[1])&&(e.polygonOffset(Rt,Xl),Sl[0]=Rt,Sl[1]=Xl),pl=l.sample_alpha,pl!==s.sample_alpha&&(pl?
e.enable(32926):e.disable(32926),s.sample_alpha=pl),_l=l.sample_enable,_l!==s.sample_enable&&(_l?e.enable(32928):e.disable(
32928),s.sample_enable=_l),ut=Ql[0],Ll=Ql[1],(ut!==al[0]||Ll!==al[1])&&(e.sampleCoverage(ut,Ll),al[0]=ut,al[1]=Ll),bt=l.
stencil_enable,bt!==s.stencil_enable&&(bt?e.enable(2960):e.disable(2960),s.stencil_enable=bt),Tt=l.stencil_mask,Tt!==s.stencil_mask&&
(e.stencilMask(Tt),s.stencil_mask=Tt),ii=Ot[0],Yl=Ot[1],yl=Ot[2],(ii!==ge[0]||Yl!==ge[1]||yl!==ge[2])&&(e.stencilFunc(ii,
Yl,yl),ge[0]=ii,ge[1]=Yl,ge[2]=yl),Nl=U[0],I=U[1],ni=U[2],L=U[3],(Nl!==ue[0]||I!==ue[1]||ni!==ue[2]||L!==ue[3])&&(e.stencilOpSeparate(
Nl,I,ni,L),ue[0]=Nl,ue[1]=I,ue[2]=ni,ue[3]=L),pe=et[0],Gl=et[1],ei=et[2],Zl=et[3],(pe!==xl[0]||Gl!==xl[1]||ei!==xl[2]||Zl!==
xl[3])&&(e.stencilOpSeparate(pe,Gl,ei,Zl),xl[0]=pe,xl[1]=Gl,xl[2]=ei,xl[3]=Zl),$l=l.scissor_enable,$l!==s.scissor_enable&&
($l?e.enable(3089):e.disable(3089),s.scissor_enable=$l),wt=bl[0],sl=bl[1],he=bl[2],el=bl[3],(wt!==Al[0]||sl!==Al[1]||he!==
Al[2]||el!==Al[3])&&(e.scissor(wt,sl,he,el),Al[0]=wt,Al[1]=sl,Al[2]=he,Al[3]=el),ie=Fl[0],Xt=Fl[1],je=Fl[2],zt=Fl[3],(ie!==
Kl[0]||Xt!==Kl[1]||je!==Kl[2]||zt!==Kl[3])&&(e.viewport(ie,Xt,je,zt),Kl[0]=ie,Kl[1]=Xt,Kl[2]=je,Kl[3]=zt)}p?e.enable(3042):
e.disable(3042),s.blend_enable=p,e.blendFuncSeparate(770,771,1,771),qt[0]=770,qt[1]=771,qt[2]=1,qt[3]=771,t?e.enable(2929):
e.disable(2929),s.depth_enable=t,jl=s.profile,jl&&(B=performance.now(),Tl.count+=w),e.useProgram(qe.program);var Yt,tt,ot,
Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,
vl,Li,Bi,Yi,Ui;for(a.setVAO(null),Yt=mt.call(this,i,k,m),r.buffer=Yt,tt=!1,ot=1,Pe=0,H=0,He=0,ae=0,_e=null,Zt=0,ee=!1,ne=
5126,Ae=0,tl=0,xt=0,Te(r)?(tt=!0,_e=N.createStream(34962,r),ne=_e.dtype):(_e=N.getBuffer(r),_e?ne=_e.dtype:"constant"in r?
(ot=2,typeof r.constant=="number"?(Pe=r.constant,H=He=ae=0):(Pe=r.constant.length>0?r.constant[0]:0,H=r.constant.length>
1?r.constant[1]:0,He=r.constant.length>2?r.constant[2]:0,ae=r.constant.length>3?r.constant[3]:0)):(Te(r.buffer)?_e=N.createStream(
34962,r.buffer):_e=N.getBuffer(r.buffer),ne="type"in r?Pl[r.type]:_e.dtype,ee=!!r.normalized,Zt=r.size|0,Ae=r.offset|0,tl=
r.stride|0,xt=r.divisor|0)),M=dt.location,E=Jl[M],ot===1?(E.buffer||e.enableVertexAttribArray(M),Et=Zt||2,(E.type!==ne||
E.size!==Et||E.buffer!==_e||E.normalized!==ee||E.offset!==Ae||E.stride!==tl)&&(e.bindBuffer(34962,_e.buffer),e.vertexAttribPointer(
M,Et,ne,ee,tl,Ae),E.type=ne,E.size=Et,E.buffer=_e,E.normalized=ee,E.offset=Ae,E.stride=tl)):(E.buffer&&(e.disableVertexAttribArray(
M),E.buffer=null),(E.x!==Pe||E.y!==H||E.z!==He||E.w!==ae)&&(e.vertexAttrib4f(M,Pe,H,He,ae),E.x=Pe,E.y=H,E.z=He,E.w=ae)),
ol=A.call(this,i,k,m),e.uniform1f(Oi.location,ol),kl=Ni.call(this,i,k,m),e.uniform1f(Ti.location,kl),$t=q.call(this,i,k,
m),$t&&$t._reglType==="framebuffer"&&($t=$t.color[0]),vt=$t._texture,e.uniform1i(_i.location,vt.bind()),$e=Ji.call(this,
i,k,m),e.uniform1f($i.location,$e),Hl=ji.call(this,i,k,m),e.uniform1f(Fe.location,Hl),St=ri.call(this,i,k,m),e.uniform1f(
Zi.location,St),Ue=jt.call(this,i,k,m),e.uniform1f(ct.location,Ue),Ge=Qi.call(this,i,k,m),Ge&&Ge._reglType==="framebuffe\
r"&&(Ge=Ge.color[0]),At=Ge._texture,e.uniform1i(ci.location,At.bind()),we=Be.call(this,i,k,m),e.uniform1f(V.location,we),
Bt=O.call(this,i,k,m),e.uniform1f(Pi.location,Bt),e.uniform1f(J.location,1),X=ke.call(this,i,k,m),e.uniform1f(G.location,
X),me=Ve.call(this,i,k,m),e.uniform1f(lt.location,me),Rl=wl.call(this,i,k,m),e.uniform1f(Q.location,Rl),ll=hi.call(this,
i,k,m),e.uniform1f(Di.location,ll),Vt=Vi.call(this,i,k,m),e.uniform1f(Hi.location,Vt),Bl=ti.call(this,i,k,m),e.uniform1f(
Ii.location,Bl),j=pi.call(this,i,k,m),e.uniform1f(di.location,j),fi=Wl.call(this,i,k,m),e.uniform1f(Wi.location,fi),Z=Ei.
call(this,i,k,m),e.uniformMatrix4fv(yi.location,!1,Array.isArray(Z)||Z instanceof Float32Array?Z:(u[0]=Z[0],u[1]=Z[1],u[2]=
Z[2],u[3]=Z[3],u[4]=Z[4],u[5]=Z[5],u[6]=Z[6],u[7]=Z[7],u[8]=Z[8],u[9]=Z[9],u[10]=Z[10],u[11]=Z[11],u[12]=Z[12],u[13]=Z[13],
u[14]=Z[14],u[15]=Z[15],u)),e.uniform1f(mi.location,4),Vl=ui.call(this,i,k,m),e.uniform1f(Ri.location,Vl),ki=si.call(this,
i,k,m),e.uniform1f(Ai.location,ki),Ci=wi.call(this,i,k,m),e.uniform1f(zi.location,Ci),Mi=Se.call(this,i,k,m),e.uniform1f(
ze.location,Mi),qi=ht.call(this,i,k,m),e.uniform1f(Wt.location,qi),ai=Re.call(this,i,k,m),e.uniform1f(We.location,ai),xi=
Fi.call(this,i,k,m),e.uniform1f(ml.location,xi),vl=Dl.call(this,i,k,m),vl&&vl._reglType==="framebuffer"&&(vl=vl.color[0]),
Li=vl._texture,e.uniform1i(Dt.location,Li.bind()),Bi=y.elements,Bi?e.bindBuffer(34963,Bi.buffer.buffer):a.currentVAO&&(Bi=
z.getElements(a.currentVAO.elements),Bi&&e.bindBuffer(34963,Bi.buffer.buffer)),Yi=y.offset,Ui=h.call(this,i,k,m),m=0;m<w;++m)
k=c[m],Ui&&(Bi?e.drawElements(0,Ui,Bi.type,Yi<<(Bi.type-5121>>1)):e.drawArrays(0,Yi,Ui));tt&&N.destroyStream(_e),vt.unbind(),
At.unbind(),Li.unbind(),s.dirty=!0,a.setVAO(null),jl&&(Tl.cpuTime+=performance.now()-B)}}},"617d897a84877b27f1798843e364\
50241dc6e3b0f48419d73c62b54954cbc83d":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi){"use s\
trict";var V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,
Dt,Dl,h,Je,Gt,Xe,C,Si,cl;return V=_.gl,Be=_.context,Pi=_.strings,O=_.next,J=_.current,G=_.draw,ke=_.elements,lt=_.buffer,
Ve=_.shader,Q=_.attributes,wl=_.vao,Di=_.uniforms,hi=_.framebuffer,Hi=_.extensions,Vi=_.timer,Ii=_.isBufferArgs,ti=O.blend_color,
di=J.blend_color,pi=O.blend_equation,Wi=J.blend_equation,Wl=O.blend_func,yi=J.blend_func,Ei=O.depth_range,mi=J.depth_range,
Ri=O.colorMask,ui=J.colorMask,Ai=O.polygonOffset_offset,si=J.polygonOffset_offset,zi=O.sample_coverage,wi=J.sample_coverage,
ze=O.stencil_func,Se=J.stencil_func,Wt=O.stencil_opFront,ht=J.stencil_opFront,We=O.stencil_opBack,Re=J.stencil_opBack,ml=
O.scissor_box,Fi=J.scissor_box,Dt=O.viewport,Dl=J.viewport,h={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"li\
ne loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},Je={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},Gt={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Xe={add:32774,subtract:32778,"reverse \
subtract":32779},C={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement wr\
ap":34056,invert:5386},Si={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},cl=
{cw:2304,ccw:2305},{draw:function(S){var El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt;if(El=ve.call(
this,Be,S,0),It=hi.getFramebuffer(El),_t=hi.next,hi.next=It,Ce=Be.framebufferWidth,Be.framebufferWidth=It?It.width:Be.drawingBufferWidth,
Qe=Be.framebufferHeight,Be.framebufferHeight=It?It.height:Be.drawingBufferHeight,It!==hi.cur&&(It?V.bindFramebuffer(36160,
It.framebuffer):V.bindFramebuffer(36160,null),hi.cur=It),J.dirty){var ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,
e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl;ye=O.dither,ye!==J.dither&&(ye?V.enable(3024):V.disable(
3024),J.dither=ye),nl=O.blend_enable,nl!==J.blend_enable&&(nl?V.enable(3042):V.disable(3042),J.blend_enable=nl),Ft=ti[0],
Nt=ti[1],Qt=ti[2],De=ti[3],(Ft!==di[0]||Nt!==di[1]||Qt!==di[2]||De!==di[3])&&(V.blendColor(Ft,Nt,Qt,De),di[0]=Ft,di[1]=Nt,
di[2]=Qt,di[3]=De),Ct=pi[0],Ze=pi[1],(Ct!==Wi[0]||Ze!==Wi[1])&&(V.blendEquationSeparate(Ct,Ze),Wi[0]=Ct,Wi[1]=Ze),v=Wl[0],
oe=Wl[1],li=Wl[2],gl=Wl[3],(v!==yi[0]||oe!==yi[1]||li!==yi[2]||gl!==yi[3])&&(V.blendFuncSeparate(v,oe,li,gl),yi[0]=v,yi[1]=
oe,yi[2]=li,yi[3]=gl),zl=O.depth_enable,zl!==J.depth_enable&&(zl?V.enable(2929):V.disable(2929),J.depth_enable=zl),o=O.depth_func,
o!==J.depth_func&&(V.depthFunc(o),J.depth_func=o),n=Ei[0],R=Ei[1],(n!==mi[0]||R!==mi[1])&&(V.depthRange(n,R),mi[0]=n,mi[1]=
R),F=O.depth_mask,F!==J.depth_mask&&(V.depthMask(F),J.depth_mask=F),p=Ri[0],t=Ri[1],e=Ri[2],i=Ri[3],(p!==ui[0]||t!==ui[1]||
e!==ui[2]||i!==ui[3])&&(V.colorMask(p,t,e,i),ui[0]=p,ui[1]=t,ui[2]=e,ui[3]=i),d=O.cull_enable,d!==J.cull_enable&&(d?V.enable(
2884):V.disable(2884),J.cull_enable=d),l=O.cull_face,l!==J.cull_face&&(V.cullFace(l),J.cull_face=l),s=O.frontFace,s!==J.
frontFace&&(V.frontFace(s),J.frontFace=s),y=O.lineWidth,y!==J.lineWidth&&(V.lineWidth(y),J.lineWidth=y),z=O.polygonOffset_enable,
z!==J.polygonOffset_enable&&(z?V.enable(32823):V.disable(32823),J.polygonOffset_enable=z),N=Ai[0],oi=Ai[1],(N!==si[0]||oi!==
si[1])&&(V.polygonOffset(N,oi),si[0]=N,si[1]=oi),Jl=O.sample_alpha,Jl!==J.sample_alpha&&(Jl?V.enable(32926):V.disable(32926),
J.sample_alpha=Jl),a=O.sample_enable,a!==J.sample_enable&&(a?V.enable(32928):V.disable(32928),J.sample_enable=a),f=zi[0],
ul=zi[1],(f!==wi[0]||ul!==wi[1])&&(V.sampleCoverage(f,ul),wi[0]=f,wi[1]=ul),bi=O.stencil_enable,bi!==J.stencil_enable&&(bi?
V.enable(2960):V.disable(2960),J.stencil_enable=bi),it=O.stencil_mask,it!==J.stencil_mask&&(V.stencilMask(it),J.stencil_mask=
it),Te=ze[0],K=ze[1],D=ze[2],(Te!==Se[0]||K!==Se[1]||D!==Se[2])&&(V.stencilFunc(Te,K,D),Se[0]=Te,Se[1]=K,Se[2]=D),nt=Wt[0],
re=Wt[1],ce=Wt[2],qt=Wt[3],(nt!==ht[0]||re!==ht[1]||ce!==ht[2]||qt!==ht[3])&&(V.stencilOpSeparate(nt,re,ce,qt),ht[0]=nt,
ht[1]=re,ht[2]=ce,ht[3]=qt),ql=We[0],kt=We[1],P=We[2],Ee=We[3],(ql!==Re[0]||kt!==Re[1]||P!==Re[2]||Ee!==Re[3])&&(V.stencilOpSeparate(
ql,kt,P,Ee),Re[0]=ql,Re[1]=kt,Re[2]=P,Re[3]=Ee),fl=O.scissor_enable,fl!==J.scissor_enable&&(fl?V.enable(3089):V.disable(
3089),J.scissor_enable=fl)}Il=Be.framebufferWidth,Lt=Be.framebufferHeight,te=Be.viewportWidth,Be.viewportWidth=Il,xe=Be.
viewportHeight,Be.viewportHeight=Lt,V.viewport(0,0,Il,Lt),Dl[0]=0,Dl[1]=0,Dl[2]=Il,Dl[3]=Lt,se=Be.framebufferWidth,il=Be.
framebufferHeight,V.scissor(0,0,se,il),Fi[0]=0,Fi[1]=0,Fi[2]=se,Fi[3]=il,pt=J.profile,pt&&(at=performance.now(),Tl.count++),
V.useProgram(Ki.program),wl.setVAO(null),yt=mt.location,Ke=Q[yt],Ke.buffer||V.enableVertexAttribArray(yt),(Ke.type!==qe.
dtype||Ke.size!==2||Ke.buffer!==qe||Ke.normalized!==!1||Ke.offset!==0||Ke.stride!==0)&&(V.bindBuffer(34962,qe.buffer),V.
vertexAttribPointer(yt,2,qe.dtype,!1,0,0),Ke.type=qe.dtype,Ke.size=2,Ke.buffer=qe,Ke.normalized=!1,Ke.offset=0,Ke.stride=
0),Ye=Oi.call(this,Be,S,0),Ye&&Ye._reglType==="framebuffer"&&(Ye=Ye.color[0]),Ne=Ye._texture,V.uniform1i(dt.location,Ne.
bind()),rt=Ti.call(this,Be,S,0),rt&&rt._reglType==="framebuffer"&&(rt=rt.color[0]),Ol=rt._texture,V.uniform1i(A.location,
Ol.bind()),Cl=_i.call(this,Be,S,0),V.uniform1f(Ni.location,Cl),Jt=G.elements,Jt?V.bindBuffer(34963,Jt.buffer.buffer):wl.
currentVAO&&(Jt=ke.getElements(wl.currentVAO.elements),Jt&&V.bindBuffer(34963,Jt.buffer.buffer)),Ml=G.primitive,Mt=G.offset,
Jt?V.drawElements(Ml,3,Jt.type,Mt<<(Jt.type-5121>>1)):V.drawArrays(Ml,Mt,3),J.dirty=!0,wl.setVAO(null),hi.next=_t,Be.framebufferWidth=
Ce,Be.framebufferHeight=Qe,Be.viewportWidth=te,Be.viewportHeight=xe,pt&&(Tl.cpuTime+=performance.now()-at),Ne.unbind(),Ol.
unbind()},scope:function(S,El,It){var _t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,
Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i;_t=ve.call(this,Be,S,It),Ce=hi.getFramebuffer(_t),Qe=hi.next,hi.next=Ce,Il=Be.framebufferWidth,
Be.framebufferWidth=Ce?Ce.width:Be.drawingBufferWidth,Lt=Be.framebufferHeight,Be.framebufferHeight=Ce?Ce.height:Be.drawingBufferHeight,
te=Be.framebufferWidth,xe=Be.framebufferHeight,se=Be.viewportWidth,Be.viewportWidth=te,il=Be.viewportHeight,Be.viewportHeight=
xe,pt=Dt[0],Dt[0]=q,at=Dt[1],Dt[1]=$i,yt=Dt[2],Dt[2]=te,Ke=Dt[3],Dt[3]=xe,Ye=Be.framebufferWidth,Ne=Be.framebufferHeight,
rt=ml[0],ml[0]=Ji,Ol=ml[1],ml[1]=Fe,Cl=ml[2],ml[2]=Ye,Jt=ml[3],ml[3]=Ne,Ml=J.profile,Ml&&(Mt=performance.now(),Tl.count++),
ye=G.count,G.count=ji,nl=Ti.call(this,Be,S,It),Ft=Di[Zi],Di[Zi]=nl,Nt=Oi.call(this,Be,S,It),Qt=Di[ri],Di[ri]=Nt,De=_i.call(
this,Be,S,It),Ct=Di[ct],Di[ct]=De,Ze=jt.state,jt.state=1,v=jt.x,jt.x=0,oe=jt.y,jt.y=0,li=jt.z,jt.z=0,gl=jt.w,jt.w=0,zl=jt.
buffer,jt.buffer=qe,o=jt.size,jt.size=0,n=jt.normalized,jt.normalized=!1,R=jt.type,jt.type=qe.dtype,F=jt.offset,jt.offset=
0,p=jt.stride,jt.stride=0,t=jt.divisor,jt.divisor=0,e=Ve.vert,Ve.vert=ci,i=Ve.frag,Ve.frag=Qi,J.dirty=!0,El(Be,S,It),hi.
next=Qe,Be.framebufferWidth=Il,Be.framebufferHeight=Lt,Be.viewportWidth=se,Be.viewportHeight=il,Dt[0]=pt,Dt[1]=at,Dt[2]=
yt,Dt[3]=Ke,ml[0]=rt,ml[1]=Ol,ml[2]=Cl,ml[3]=Jt,Ml&&(Tl.cpuTime+=performance.now()-Mt),G.count=ye,Di[Zi]=Ft,Di[ri]=Qt,Di[ct]=
Ct,jt.state=Ze,jt.x=v,jt.y=oe,jt.z=li,jt.w=gl,jt.buffer=zl,jt.size=o,jt.normalized=n,jt.type=R,jt.offset=F,jt.stride=p,jt.
divisor=t,Ve.vert=e,Ve.frag=i,J.dirty=!0},batch:function(S,El){var It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye;if(It=ve.
call(this,Be,S,0),_t=hi.getFramebuffer(It),Ce=hi.next,hi.next=_t,Qe=Be.framebufferWidth,Be.framebufferWidth=_t?_t.width:
Be.drawingBufferWidth,Il=Be.framebufferHeight,Be.framebufferHeight=_t?_t.height:Be.drawingBufferHeight,_t!==hi.cur&&(_t?
V.bindFramebuffer(36160,_t.framebuffer):V.bindFramebuffer(36160,null),hi.cur=_t),J.dirty){var Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,
Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re;Ne=O.dither,Ne!==J.dither&&(Ne?
V.enable(3024):V.disable(3024),J.dither=Ne),rt=O.blend_enable,rt!==J.blend_enable&&(rt?V.enable(3042):V.disable(3042),J.
blend_enable=rt),Ol=ti[0],Cl=ti[1],Jt=ti[2],Ml=ti[3],(Ol!==di[0]||Cl!==di[1]||Jt!==di[2]||Ml!==di[3])&&(V.blendColor(Ol,
Cl,Jt,Ml),di[0]=Ol,di[1]=Cl,di[2]=Jt,di[3]=Ml),Mt=pi[0],ye=pi[1],(Mt!==Wi[0]||ye!==Wi[1])&&(V.blendEquationSeparate(Mt,ye),
Wi[0]=Mt,Wi[1]=ye),nl=Wl[0],Ft=Wl[1],Nt=Wl[2],Qt=Wl[3],(nl!==yi[0]||Ft!==yi[1]||Nt!==yi[2]||Qt!==yi[3])&&(V.blendFuncSeparate(
nl,Ft,Nt,Qt),yi[0]=nl,yi[1]=Ft,yi[2]=Nt,yi[3]=Qt),De=O.depth_enable,De!==J.depth_enable&&(De?V.enable(2929):V.disable(2929),
J.depth_enable=De),Ct=O.depth_func,Ct!==J.depth_func&&(V.depthFunc(Ct),J.depth_func=Ct),Ze=Ei[0],v=Ei[1],(Ze!==mi[0]||v!==
mi[1])&&(V.depthRange(Ze,v),mi[0]=Ze,mi[1]=v),oe=O.depth_mask,oe!==J.depth_mask&&(V.depthMask(oe),J.depth_mask=oe),li=Ri[0],
gl=Ri[1],zl=Ri[2],o=Ri[3],(li!==ui[0]||gl!==ui[1]||zl!==ui[2]||o!==ui[3])&&(V.colorMask(li,gl,zl,o),ui[0]=li,ui[1]=gl,ui[2]=
zl,ui[3]=o),n=O.cull_enable,n!==J.cull_enable&&(n?V.enable(2884):V.disable(2884),J.cull_enable=n),R=O.cull_face,R!==J.cull_face&&
(V.cullFace(R),J.cull_face=R),F=O.frontFace,F!==J.frontFace&&(V.frontFace(F),J.frontFace=F),p=O.lineWidth,p!==J.lineWidth&&
(V.lineWidth(p),J.lineWidth=p),t=O.polygonOffset_enable,t!==J.polygonOffset_enable&&(t?V.enable(32823):V.disable(32823),
J.polygonOffset_enable=t),e=Ai[0],i=Ai[1],(e!==si[0]||i!==si[1])&&(V.polygonOffset(e,i),si[0]=e,si[1]=i),d=O.sample_alpha,
d!==J.sample_alpha&&(d?V.enable(32926):V.disable(32926),J.sample_alpha=d),l=O.sample_enable,l!==J.sample_enable&&(l?V.enable(
32928):V.disable(32928),J.sample_enable=l),s=zi[0],y=zi[1],(s!==wi[0]||y!==wi[1])&&(V.sampleCoverage(s,y),wi[0]=s,wi[1]=
y),z=O.stencil_enable,z!==J.stencil_enable&&(z?V.enable(2960):V.disable(2960),J.stencil_enable=z),N=O.stencil_mask,N!==J.
stencil_mask&&(V.stencilMask(N),J.stencil_mask=N),oi=ze[0],Jl=ze[1],a=ze[2],(oi!==Se[0]||Jl!==Se[1]||a!==Se[2])&&(V.stencilFunc(
oi,Jl,a),Se[0]=oi,Se[1]=Jl,Se[2]=a),f=Wt[0],ul=Wt[1],bi=Wt[2],it=Wt[3],(f!==ht[0]||ul!==ht[1]||bi!==ht[2]||it!==ht[3])&&
(V.stencilOpSeparate(f,ul,bi,it),ht[0]=f,ht[1]=ul,ht[2]=bi,ht[3]=it),Te=We[0],K=We[1],D=We[2],nt=We[3],(Te!==Re[0]||K!==
Re[1]||D!==Re[2]||nt!==Re[3])&&(V.stencilOpSeparate(Te,K,D,nt),Re[0]=Te,Re[1]=K,Re[2]=D,Re[3]=nt),re=O.scissor_enable,re!==
J.scissor_enable&&(re?V.enable(3089):V.disable(3089),J.scissor_enable=re)}Lt=Be.framebufferWidth,te=Be.framebufferHeight,
xe=Be.viewportWidth,Be.viewportWidth=Lt,se=Be.viewportHeight,Be.viewportHeight=te,V.viewport(0,0,Lt,te),Dl[0]=0,Dl[1]=0,
Dl[2]=Lt,Dl[3]=te,il=Be.framebufferWidth,pt=Be.framebufferHeight,V.scissor(0,0,il,pt),Fi[0]=0,Fi[1]=0,Fi[2]=il,Fi[3]=pt,
at=J.profile,at&&(yt=performance.now(),Tl.count+=El),V.useProgram(Ki.program);var ce,qt,ql,kt,P,Ee,fl,Sl,Ql;for(wl.setVAO(
null),ce=mt.location,qt=Q[ce],qt.buffer||V.enableVertexAttribArray(ce),(qt.type!==qe.dtype||qt.size!==2||qt.buffer!==qe||
qt.normalized!==!1||qt.offset!==0||qt.stride!==0)&&(V.bindBuffer(34962,qe.buffer),V.vertexAttribPointer(ce,2,qe.dtype,!1,
0,0),qt.type=qe.dtype,qt.size=2,qt.buffer=qe,qt.normalized=!1,qt.offset=0,qt.stride=0),ql=Oi.call(this,Be,Ye,Ke),ql&&ql.
_reglType==="framebuffer"&&(ql=ql.color[0]),kt=ql._texture,V.uniform1i(dt.location,kt.bind()),P=Ti.call(this,Be,Ye,Ke),P&&
P._reglType==="framebuffer"&&(P=P.color[0]),Ee=P._texture,V.uniform1i(A.location,Ee.bind()),fl=G.elements,fl?V.bindBuffer(
34963,fl.buffer.buffer):wl.currentVAO&&(fl=ke.getElements(wl.currentVAO.elements),fl&&V.bindBuffer(34963,fl.buffer.buffer)),
Sl=G.primitive,Ql=G.offset,Ke=0;Ke<El;++Ke){Ye=S[Ke];var al,Ot;al=_i.call(this,Be,Ye,Ke),(!Ke||Ot!==al)&&(Ot=al,V.uniform1f(
Ni.location,al)),fl?V.drawElements(Sl,3,fl.type,Ql<<(fl.type-5121>>1)):V.drawArrays(Sl,Ql,3)}kt.unbind(),Ee.unbind(),J.dirty=
!0,wl.setVAO(null),hi.next=Ce,Be.framebufferWidth=Qe,Be.framebufferHeight=Il,Be.viewportWidth=xe,Be.viewportHeight=se,at&&
(Tl.cpuTime+=performance.now()-yt)}}},"6c21ade905af3a47bd23017d17cfac73f5edb255f4d5e7f78b23795f545ba4e1":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J){
"use strict";var G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,
h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce;return G=_.gl,ke=_.context,lt=_.strings,Ve=_.next,Q=_.current,wl=_.draw,Di=_.elements,hi=
_.buffer,Hi=_.shader,Vi=_.attributes,Ii=_.vao,ti=_.uniforms,di=_.framebuffer,pi=_.extensions,Wi=_.timer,Wl=_.isBufferArgs,
yi=Ve.blend_color,Ei=Q.blend_color,mi=Ve.blend_equation,Ri=Q.blend_equation,ui=Ve.blend_func,Ai=Q.blend_func,si=Ve.depth_range,
zi=Q.depth_range,wi=Ve.colorMask,ze=Q.colorMask,Se=Ve.polygonOffset_offset,Wt=Q.polygonOffset_offset,ht=Ve.sample_coverage,
We=Q.sample_coverage,Re=Ve.stencil_func,ml=Q.stencil_func,Fi=Ve.stencil_opFront,Dt=Q.stencil_opFront,Dl=Ve.stencil_opBack,
h=Q.stencil_opBack,Je=Ve.scissor_box,Gt=Q.scissor_box,Xe=Ve.viewport,C=Q.viewport,Si={points:0,point:0,lines:1,line:1,triangles:4,
triangle:4,"line loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},cl={never:512,less:513,"<":513,equal:514,"=":514,
"==":514,"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},
S={0:0,1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,
"one minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},El={add:32774,subtract:32778,"reverse \
subtract":32779},It={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},_t={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
Ce={cw:2304,ccw:2305},{draw:function(Qe){var Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol;if(Il=di.next,Il!==di.cur&&(Il?G.
bindFramebuffer(36160,Il.framebuffer):G.bindFramebuffer(36160,null),di.cur=Il),Q.dirty){var Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,
Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P;Cl=Ve.dither,Cl!==Q.dither&&
(Cl?G.enable(3024):G.disable(3024),Q.dither=Cl),Jt=yi[0],Ml=yi[1],Mt=yi[2],ye=yi[3],(Jt!==Ei[0]||Ml!==Ei[1]||Mt!==Ei[2]||
ye!==Ei[3])&&(G.blendColor(Jt,Ml,Mt,ye),Ei[0]=Jt,Ei[1]=Ml,Ei[2]=Mt,Ei[3]=ye),nl=mi[0],Ft=mi[1],(nl!==Ri[0]||Ft!==Ri[1])&&
(G.blendEquationSeparate(nl,Ft),Ri[0]=nl,Ri[1]=Ft),Nt=Ve.depth_func,Nt!==Q.depth_func&&(G.depthFunc(Nt),Q.depth_func=Nt),
Qt=si[0],De=si[1],(Qt!==zi[0]||De!==zi[1])&&(G.depthRange(Qt,De),zi[0]=Qt,zi[1]=De),Ct=Ve.depth_mask,Ct!==Q.depth_mask&&
(G.depthMask(Ct),Q.depth_mask=Ct),Ze=wi[0],v=wi[1],oe=wi[2],li=wi[3],(Ze!==ze[0]||v!==ze[1]||oe!==ze[2]||li!==ze[3])&&(G.
colorMask(Ze,v,oe,li),ze[0]=Ze,ze[1]=v,ze[2]=oe,ze[3]=li),gl=Ve.cull_enable,gl!==Q.cull_enable&&(gl?G.enable(2884):G.disable(
2884),Q.cull_enable=gl),zl=Ve.cull_face,zl!==Q.cull_face&&(G.cullFace(zl),Q.cull_face=zl),o=Ve.frontFace,o!==Q.frontFace&&
(G.frontFace(o),Q.frontFace=o),n=Ve.lineWidth,n!==Q.lineWidth&&(G.lineWidth(n),Q.lineWidth=n),R=Ve.polygonOffset_enable,
R!==Q.polygonOffset_enable&&(R?G.enable(32823):G.disable(32823),Q.polygonOffset_enable=R),F=Se[0],p=Se[1],(F!==Wt[0]||p!==
Wt[1])&&(G.polygonOffset(F,p),Wt[0]=F,Wt[1]=p),t=Ve.sample_alpha,t!==Q.sample_alpha&&(t?G.enable(32926):G.disable(32926),
Q.sample_alpha=t),e=Ve.sample_enable,e!==Q.sample_enable&&(e?G.enable(32928):G.disable(32928),Q.sample_enable=e),i=ht[0],
d=ht[1],(i!==We[0]||d!==We[1])&&(G.sampleCoverage(i,d),We[0]=i,We[1]=d),l=Ve.stencil_enable,l!==Q.stencil_enable&&(l?G.enable(
2960):G.disable(2960),Q.stencil_enable=l),s=Ve.stencil_mask,s!==Q.stencil_mask&&(G.stencilMask(s),Q.stencil_mask=s),y=Re[0],
z=Re[1],N=Re[2],(y!==ml[0]||z!==ml[1]||N!==ml[2])&&(G.stencilFunc(y,z,N),ml[0]=y,ml[1]=z,ml[2]=N),oi=Fi[0],Jl=Fi[1],a=Fi[2],
f=Fi[3],(oi!==Dt[0]||Jl!==Dt[1]||a!==Dt[2]||f!==Dt[3])&&(G.stencilOpSeparate(oi,Jl,a,f),Dt[0]=oi,Dt[1]=Jl,Dt[2]=a,Dt[3]=
f),ul=Dl[0],bi=Dl[1],it=Dl[2],Te=Dl[3],(ul!==h[0]||bi!==h[1]||it!==h[2]||Te!==h[3])&&(G.stencilOpSeparate(ul,bi,it,Te),h[0]=
ul,h[1]=bi,h[2]=it,h[3]=Te),K=Ve.scissor_enable,K!==Q.scissor_enable&&(K?G.enable(3089):G.disable(3089),Q.scissor_enable=
K),D=Je[0],nt=Je[1],re=Je[2],ce=Je[3],(D!==Gt[0]||nt!==Gt[1]||re!==Gt[2]||ce!==Gt[3])&&(G.scissor(D,nt,re,ce),Gt[0]=D,Gt[1]=
nt,Gt[2]=re,Gt[3]=ce),qt=Xe[0],ql=Xe[1],kt=Xe[2],P=Xe[3],(qt!==C[0]||ql!==C[1]||kt!==C[2]||P!==C[3])&&(G.viewport(qt,ql,
kt,P),C[0]=qt,C[1]=ql,C[2]=kt,C[3]=P)}ve?G.enable(3042):G.disable(3042),Q.blend_enable=ve,G.blendFuncSeparate(1,771,1,771),
Ai[0]=1,Ai[1]=771,Ai[2]=1,Ai[3]=771,Ki?G.enable(2929):G.disable(2929),Q.depth_enable=Ki,Lt=Q.profile,Lt&&(te=performance.
now(),Tl.count++),G.useProgram(qe.program),Ii.setVAO(null),xe=dt.location,se=Vi[xe],se.buffer||G.enableVertexAttribArray(
xe),(se.type!==mt.dtype||se.size!==2||se.buffer!==mt||se.normalized!==!1||se.offset!==0||se.stride!==0)&&(G.bindBuffer(34962,
mt.buffer),G.vertexAttribPointer(xe,2,mt.dtype,!1,0,0),se.type=mt.dtype,se.size=2,se.buffer=mt,se.normalized=!1,se.offset=
0,se.stride=0),il=A.call(this,ke,Qe,0),G.uniform1f(Oi.location,il),pt=Ni.call(this,ke,Qe,0),pt&&pt._reglType==="framebuf\
fer"&&(pt=pt.color[0]),at=pt._texture,G.uniform1i(Ti.location,at.bind()),yt=q.call(this,ke,Qe,0),Ke=yt[0],Ye=yt[1],G.uniform2f(
_i.location,Ke,Ye),Ne=wl.elements,Ne?G.bindBuffer(34963,Ne.buffer.buffer):Ii.currentVAO&&(Ne=Di.getElements(Ii.currentVAO.
elements),Ne&&G.bindBuffer(34963,Ne.buffer.buffer)),rt=wl.primitive,Ol=wl.offset,Ne?G.drawElements(rt,3,Ne.type,Ol<<(Ne.
type-5121>>1)):G.drawArrays(rt,Ol,3),Q.dirty=!0,Ii.setVAO(null),Lt&&(Tl.cpuTime+=performance.now()-te),at.unbind()},scope:function(Qe,Il,Lt){
var te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl;te=Ve.blend_enable,Ve.blend_enable=
$i,xe=ui[0],ui[0]=Ji,se=ui[1],ui[1]=Fe,il=ui[2],ui[2]=ji,pt=ui[3],ui[3]=Zi,at=Ve.depth_enable,Ve.depth_enable=ri,yt=Q.profile,
yt&&(Ke=performance.now(),Tl.count++),Ye=wl.count,wl.count=ct,Ne=Ni.call(this,ke,Qe,Lt),rt=ti[jt],ti[jt]=Ne,Ol=q.call(this,
ke,Qe,Lt),Cl=ti[ci],ti[ci]=Ol,Jt=A.call(this,ke,Qe,Lt),Ml=ti[Qi],ti[Qi]=Jt,Mt=V.state,V.state=1,ye=V.x,V.x=0,nl=V.y,V.y=
0,Ft=V.z,V.z=0,Nt=V.w,V.w=0,Qt=V.buffer,V.buffer=mt,De=V.size,V.size=0,Ct=V.normalized,V.normalized=!1,Ze=V.type,V.type=
mt.dtype,v=V.offset,V.offset=0,oe=V.stride,V.stride=0,li=V.divisor,V.divisor=0,gl=Hi.vert,Hi.vert=Be,zl=Hi.frag,Hi.frag=
Pi,Q.dirty=!0,Il(ke,Qe,Lt),Ve.blend_enable=te,ui[0]=xe,ui[1]=se,ui[2]=il,ui[3]=pt,Ve.depth_enable=at,yt&&(Tl.cpuTime+=performance.
now()-Ke),wl.count=Ye,ti[jt]=rt,ti[ci]=Cl,ti[Qi]=Ml,V.state=Mt,V.x=ye,V.y=nl,V.z=Ft,V.w=Nt,V.buffer=Qt,V.size=De,V.normalized=
Ct,V.type=Ze,V.offset=v,V.stride=oe,V.divisor=li,Hi.vert=gl,Hi.frag=zl,Q.dirty=!0},batch:function(Qe,Il){var Lt,te,xe,se,
il;if(Lt=di.next,Lt!==di.cur&&(Lt?G.bindFramebuffer(36160,Lt.framebuffer):G.bindFramebuffer(36160,null),di.cur=Lt),Q.dirty){
var pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,
it,Te,K;pt=Ve.dither,pt!==Q.dither&&(pt?G.enable(3024):G.disable(3024),Q.dither=pt),at=yi[0],yt=yi[1],Ke=yi[2],Ye=yi[3],
(at!==Ei[0]||yt!==Ei[1]||Ke!==Ei[2]||Ye!==Ei[3])&&(G.blendColor(at,yt,Ke,Ye),Ei[0]=at,Ei[1]=yt,Ei[2]=Ke,Ei[3]=Ye),Ne=mi[0],
rt=mi[1],(Ne!==Ri[0]||rt!==Ri[1])&&(G.blendEquationSeparate(Ne,rt),Ri[0]=Ne,Ri[1]=rt),Ol=Ve.depth_func,Ol!==Q.depth_func&&
(G.depthFunc(Ol),Q.depth_func=Ol),Cl=si[0],Jt=si[1],(Cl!==zi[0]||Jt!==zi[1])&&(G.depthRange(Cl,Jt),zi[0]=Cl,zi[1]=Jt),Ml=
Ve.depth_mask,Ml!==Q.depth_mask&&(G.depthMask(Ml),Q.depth_mask=Ml),Mt=wi[0],ye=wi[1],nl=wi[2],Ft=wi[3],(Mt!==ze[0]||ye!==
ze[1]||nl!==ze[2]||Ft!==ze[3])&&(G.colorMask(Mt,ye,nl,Ft),ze[0]=Mt,ze[1]=ye,ze[2]=nl,ze[3]=Ft),Nt=Ve.cull_enable,Nt!==Q.
cull_enable&&(Nt?G.enable(2884):G.disable(2884),Q.cull_enable=Nt),Qt=Ve.cull_face,Qt!==Q.cull_face&&(G.cullFace(Qt),Q.cull_face=
Qt),De=Ve.frontFace,De!==Q.frontFace&&(G.frontFace(De),Q.frontFace=De),Ct=Ve.lineWidth,Ct!==Q.lineWidth&&(G.lineWidth(Ct),
Q.lineWidth=Ct),Ze=Ve.polygonOffset_enable,Ze!==Q.polygonOffset_enable&&(Ze?G.enable(32823):G.disable(32823),Q.polygonOffset_enable=
Ze),v=Se[0],oe=Se[1],(v!==Wt[0]||oe!==Wt[1])&&(G.polygonOffset(v,oe),Wt[0]=v,Wt[1]=oe),li=Ve.sample_alpha,li!==Q.sample_alpha&&
(li?G.enable(32926):G.disable(32926),Q.sample_alpha=li),gl=Ve.sample_enable,gl!==Q.sample_enable&&(gl?G.enable(32928):G.
disable(32928),Q.sample_enable=gl),zl=ht[0],o=ht[1],(zl!==We[0]||o!==We[1])&&(G.sampleCoverage(zl,o),We[0]=zl,We[1]=o),n=
Ve.stencil_enable,n!==Q.stencil_enable&&(n?G.enable(2960):G.disable(2960),Q.stencil_enable=n),R=Ve.stencil_mask,R!==Q.stencil_mask&&
(G.stencilMask(R),Q.stencil_mask=R),F=Re[0],p=Re[1],t=Re[2],(F!==ml[0]||p!==ml[1]||t!==ml[2])&&(G.stencilFunc(F,p,t),ml[0]=
F,ml[1]=p,ml[2]=t),e=Fi[0],i=Fi[1],d=Fi[2],l=Fi[3],(e!==Dt[0]||i!==Dt[1]||d!==Dt[2]||l!==Dt[3])&&(G.stencilOpSeparate(e,
i,d,l),Dt[0]=e,Dt[1]=i,Dt[2]=d,Dt[3]=l),s=Dl[0],y=Dl[1],z=Dl[2],N=Dl[3],(s!==h[0]||y!==h[1]||z!==h[2]||N!==h[3])&&(G.stencilOpSeparate(
s,y,z,N),h[0]=s,h[1]=y,h[2]=z,h[3]=N),oi=Ve.scissor_enable,oi!==Q.scissor_enable&&(oi?G.enable(3089):G.disable(3089),Q.scissor_enable=
oi),Jl=Je[0],a=Je[1],f=Je[2],ul=Je[3],(Jl!==Gt[0]||a!==Gt[1]||f!==Gt[2]||ul!==Gt[3])&&(G.scissor(Jl,a,f,ul),Gt[0]=Jl,Gt[1]=
a,Gt[2]=f,Gt[3]=ul),bi=Xe[0],it=Xe[1],Te=Xe[2],K=Xe[3],(bi!==C[0]||it!==C[1]||Te!==C[2]||K!==C[3])&&(G.viewport(bi,it,Te,
K),C[0]=bi,C[1]=it,C[2]=Te,C[3]=K)}O?G.enable(3042):G.disable(3042),Q.blend_enable=O,G.blendFuncSeparate(1,771,1,771),Ai[0]=
1,Ai[1]=771,Ai[2]=1,Ai[3]=771,J?G.enable(2929):G.disable(2929),Q.depth_enable=J,te=Q.profile,te&&(xe=performance.now(),Tl.
count+=Il),G.useProgram(qe.program);var D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl;for(Ii.setVAO(null),D=dt.location,nt=Vi[D],nt.buffer||
G.enableVertexAttribArray(D),(nt.type!==mt.dtype||nt.size!==2||nt.buffer!==mt||nt.normalized!==!1||nt.offset!==0||nt.stride!==
0)&&(G.bindBuffer(34962,mt.buffer),G.vertexAttribPointer(D,2,mt.dtype,!1,0,0),nt.type=mt.dtype,nt.size=2,nt.buffer=mt,nt.
normalized=!1,nt.offset=0,nt.stride=0),re=A.call(this,ke,il,se),G.uniform1f(Oi.location,re),ce=Ni.call(this,ke,il,se),ce&&
ce._reglType==="framebuffer"&&(ce=ce.color[0]),qt=ce._texture,G.uniform1i(Ti.location,qt.bind()),ql=q.call(this,ke,il,se),
kt=ql[0],P=ql[1],G.uniform2f(_i.location,kt,P),Ee=wl.elements,Ee?G.bindBuffer(34963,Ee.buffer.buffer):Ii.currentVAO&&(Ee=
Di.getElements(Ii.currentVAO.elements),Ee&&G.bindBuffer(34963,Ee.buffer.buffer)),fl=wl.primitive,Sl=wl.offset,se=0;se<Il;++se)
il=Qe[se],Ee?G.drawElements(fl,3,Ee.type,Sl<<(Ee.type-5121>>1)):G.drawArrays(fl,Sl,3);qt.unbind(),Q.dirty=!0,Ii.setVAO(null),
te&&(Tl.cpuTime+=performance.now()-xe)}}},"7eaa9dc4a0b91689c7f499d8668b6a1f372b326ffafa13c30aa21e669d83c918":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji){
"use strict";var Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,
zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h;return Fe=_.gl,ji=_.context,Zi=_.strings,ri=_.next,ct=_.current,jt=_.draw,ci=_.elements,
Qi=_.buffer,V=_.shader,Be=_.attributes,Pi=_.vao,O=_.uniforms,J=_.framebuffer,G=_.extensions,ke=_.timer,lt=_.isBufferArgs,
Ve=ri.blend_color,Q=ct.blend_color,wl=ri.blend_equation,Di=ct.blend_equation,hi=ri.blend_func,Hi=ct.blend_func,Vi=ri.depth_range,
Ii=ct.depth_range,ti=ri.colorMask,di=ct.colorMask,pi=ri.polygonOffset_offset,Wi=ct.polygonOffset_offset,Wl=ri.sample_coverage,
yi=ct.sample_coverage,Ei=ri.stencil_func,mi=ct.stencil_func,Ri=ri.stencil_opFront,ui=ct.stencil_opFront,Ai=ri.stencil_opBack,
si=ct.stencil_opBack,zi=ri.scissor_box,wi=ct.scissor_box,ze=ri.viewport,Se=ct.viewport,Wt={points:0,point:0,lines:1,line:1,
triangles:4,triangle:4,"line loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},ht={never:512,less:513,"<":513,
equal:514,"=":514,"==":514,"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,
">=":518,always:519},We={0:0,1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src a\
lpha":771,"dst color":774,"one minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"on\
e minus constant color":32770,"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Re={add:32774,
subtract:32778,"reverse subtract":32779},ml={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment \
wrap":34055,"decrement wrap":34056,invert:5386},Fi={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,
float32:5126},Dt={cw:2304,ccw:2305},Dl=new Float32Array(16),h=new Float32Array(16),{draw:function(Je){var Gt,Xe,C,Si,cl,
S,El,It,_t,Ce,Qe;if(Gt=J.next,Gt!==J.cur&&(Gt?Fe.bindFramebuffer(36160,Gt.framebuffer):Fe.bindFramebuffer(36160,null),J.
cur=Gt),ct.dirty){var Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,
F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K;Il=ri.dither,Il!==ct.dither&&(Il?Fe.enable(3024):Fe.disable(3024),ct.dither=
Il),Lt=ri.blend_enable,Lt!==ct.blend_enable&&(Lt?Fe.enable(3042):Fe.disable(3042),ct.blend_enable=Lt),te=Ve[0],xe=Ve[1],
se=Ve[2],il=Ve[3],(te!==Q[0]||xe!==Q[1]||se!==Q[2]||il!==Q[3])&&(Fe.blendColor(te,xe,se,il),Q[0]=te,Q[1]=xe,Q[2]=se,Q[3]=
il),pt=wl[0],at=wl[1],(pt!==Di[0]||at!==Di[1])&&(Fe.blendEquationSeparate(pt,at),Di[0]=pt,Di[1]=at),yt=hi[0],Ke=hi[1],Ye=
hi[2],Ne=hi[3],(yt!==Hi[0]||Ke!==Hi[1]||Ye!==Hi[2]||Ne!==Hi[3])&&(Fe.blendFuncSeparate(yt,Ke,Ye,Ne),Hi[0]=yt,Hi[1]=Ke,Hi[2]=
Ye,Hi[3]=Ne),rt=ri.depth_enable,rt!==ct.depth_enable&&(rt?Fe.enable(2929):Fe.disable(2929),ct.depth_enable=rt),Ol=ri.depth_func,
Ol!==ct.depth_func&&(Fe.depthFunc(Ol),ct.depth_func=Ol),Cl=Vi[0],Jt=Vi[1],(Cl!==Ii[0]||Jt!==Ii[1])&&(Fe.depthRange(Cl,Jt),
Ii[0]=Cl,Ii[1]=Jt),Ml=ri.depth_mask,Ml!==ct.depth_mask&&(Fe.depthMask(Ml),ct.depth_mask=Ml),Mt=ti[0],ye=ti[1],nl=ti[2],Ft=
ti[3],(Mt!==di[0]||ye!==di[1]||nl!==di[2]||Ft!==di[3])&&(Fe.colorMask(Mt,ye,nl,Ft),di[0]=Mt,di[1]=ye,di[2]=nl,di[3]=Ft),
Nt=ri.cull_enable,Nt!==ct.cull_enable&&(Nt?Fe.enable(2884):Fe.disable(2884),ct.cull_enable=Nt),Qt=ri.cull_face,Qt!==ct.cull_face&&
(Fe.cullFace(Qt),ct.cull_face=Qt),De=ri.frontFace,De!==ct.frontFace&&(Fe.frontFace(De),ct.frontFace=De),Ct=ri.lineWidth,
Ct!==ct.lineWidth&&(Fe.lineWidth(Ct),ct.lineWidth=Ct),Ze=ri.polygonOffset_enable,Ze!==ct.polygonOffset_enable&&(Ze?Fe.enable(
32823):Fe.disable(32823),ct.polygonOffset_enable=Ze),v=pi[0],oe=pi[1],(v!==Wi[0]||oe!==Wi[1])&&(Fe.polygonOffset(v,oe),Wi[0]=
v,Wi[1]=oe),li=ri.sample_alpha,li!==ct.sample_alpha&&(li?Fe.enable(32926):Fe.disable(32926),ct.sample_alpha=li),gl=ri.sample_enable,
gl!==ct.sample_enable&&(gl?Fe.enable(32928):Fe.disable(32928),ct.sample_enable=gl),zl=Wl[0],o=Wl[1],(zl!==yi[0]||o!==yi[1])&&
(Fe.sampleCoverage(zl,o),yi[0]=zl,yi[1]=o),n=ri.stencil_enable,n!==ct.stencil_enable&&(n?Fe.enable(2960):Fe.disable(2960),
ct.stencil_enable=n),R=ri.stencil_mask,R!==ct.stencil_mask&&(Fe.stencilMask(R),ct.stencil_mask=R),F=Ei[0],p=Ei[1],t=Ei[2],
(F!==mi[0]||p!==mi[1]||t!==mi[2])&&(Fe.stencilFunc(F,p,t),mi[0]=F,mi[1]=p,mi[2]=t),e=Ri[0],i=Ri[1],d=Ri[2],l=Ri[3],(e!==
ui[0]||i!==ui[1]||d!==ui[2]||l!==ui[3])&&(Fe.stencilOpSeparate(e,i,d,l),ui[0]=e,ui[1]=i,ui[2]=d,ui[3]=l),s=Ai[0],y=Ai[1],
z=Ai[2],N=Ai[3],(s!==si[0]||y!==si[1]||z!==si[2]||N!==si[3])&&(Fe.stencilOpSeparate(s,y,z,N),si[0]=s,si[1]=y,si[2]=z,si[3]=
N),oi=ri.scissor_enable,oi!==ct.scissor_enable&&(oi?Fe.enable(3089):Fe.disable(3089),ct.scissor_enable=oi),Jl=zi[0],a=zi[1],
f=zi[2],ul=zi[3],(Jl!==wi[0]||a!==wi[1]||f!==wi[2]||ul!==wi[3])&&(Fe.scissor(Jl,a,f,ul),wi[0]=Jl,wi[1]=a,wi[2]=f,wi[3]=ul),
bi=ze[0],it=ze[1],Te=ze[2],K=ze[3],(bi!==Se[0]||it!==Se[1]||Te!==Se[2]||K!==Se[3])&&(Fe.viewport(bi,it,Te,K),Se[0]=bi,Se[1]=
it,Se[2]=Te,Se[3]=K),ct.dirty=!1}Xe=ct.profile,Xe&&(C=performance.now(),Tl.count++),Fe.useProgram(ve.program),Pi.setVAO(
null),Si=qe.location,cl=Be[Si],cl.buffer||Fe.enableVertexAttribArray(Si),(cl.type!==Ki.dtype||cl.size!==2||cl.buffer!==Ki||
cl.normalized!==!1||cl.offset!==0||cl.stride!==0)&&(Fe.bindBuffer(34962,Ki.buffer),Fe.vertexAttribPointer(Si,2,Ki.dtype,
!1,0,0),cl.type=Ki.dtype,cl.size=2,cl.buffer=Ki,cl.normalized=!1,cl.offset=0,cl.stride=0),S=dt.call(this,ji,Je,0),Fe.uniformMatrix4fv(
mt.location,!1,Array.isArray(S)||S instanceof Float32Array?S:(Dl[0]=S[0],Dl[1]=S[1],Dl[2]=S[2],Dl[3]=S[3],Dl[4]=S[4],Dl[5]=
S[5],Dl[6]=S[6],Dl[7]=S[7],Dl[8]=S[8],Dl[9]=S[9],Dl[10]=S[10],Dl[11]=S[11],Dl[12]=S[12],Dl[13]=S[13],Dl[14]=S[14],Dl[15]=
S[15],Dl)),El=A.call(this,ji,Je,0),El&&El._reglType==="framebuffer"&&(El=El.color[0]),It=El._texture,Fe.uniform1i(Oi.location,
It.bind()),_t=jt.elements,_t?Fe.bindBuffer(34963,_t.buffer.buffer):Pi.currentVAO&&(_t=ci.getElements(Pi.currentVAO.elements),
_t&&Fe.bindBuffer(34963,_t.buffer.buffer)),Ce=jt.primitive,Qe=jt.offset,_t?Fe.drawElements(Ce,6,_t.type,Qe<<(_t.type-5121>>
1)):Fe.drawArrays(Ce,Qe,6),Pi.setVAO(null),Xe&&(Tl.cpuTime+=performance.now()-C),It.unbind()},scope:function(Je,Gt,Xe){var C,
Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne;C=ct.profile,C&&(Si=performance.now(),Tl.count++),cl=jt.count,
jt.count=Ti,S=dt.call(this,ji,Je,Xe),El=O[Ni],O[Ni]=S,It=A.call(this,ji,Je,Xe),_t=O[_i],O[_i]=It,Ce=q.state,q.state=1,Qe=
q.x,q.x=0,Il=q.y,q.y=0,Lt=q.z,q.z=0,te=q.w,q.w=0,xe=q.buffer,q.buffer=Ki,se=q.size,q.size=0,il=q.normalized,q.normalized=
!1,pt=q.type,q.type=Ki.dtype,at=q.offset,q.offset=0,yt=q.stride,q.stride=0,Ke=q.divisor,q.divisor=0,Ye=V.vert,V.vert=$i,
Ne=V.frag,V.frag=Ji,Gt(ji,Je,Xe),C&&(Tl.cpuTime+=performance.now()-Si),jt.count=cl,O[Ni]=El,O[_i]=_t,q.state=Ce,q.x=Qe,q.
y=Il,q.z=Lt,q.w=te,q.buffer=xe,q.size=se,q.normalized=il,q.type=pt,q.offset=at,q.stride=yt,q.divisor=Ke,V.vert=Ye,V.frag=
Ne},batch:function(Je,Gt){var Xe,C,Si,cl,S;if(Xe=J.next,Xe!==J.cur&&(Xe?Fe.bindFramebuffer(36160,Xe.framebuffer):Fe.bindFramebuffer(
36160,null),J.cur=Xe),ct.dirty){var El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,
De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f;El=ri.dither,El!==ct.dither&&(El?Fe.enable(3024):Fe.disable(
3024),ct.dither=El),It=ri.blend_enable,It!==ct.blend_enable&&(It?Fe.enable(3042):Fe.disable(3042),ct.blend_enable=It),_t=
Ve[0],Ce=Ve[1],Qe=Ve[2],Il=Ve[3],(_t!==Q[0]||Ce!==Q[1]||Qe!==Q[2]||Il!==Q[3])&&(Fe.blendColor(_t,Ce,Qe,Il),Q[0]=_t,Q[1]=
Ce,Q[2]=Qe,Q[3]=Il),Lt=wl[0],te=wl[1],(Lt!==Di[0]||te!==Di[1])&&(Fe.blendEquationSeparate(Lt,te),Di[0]=Lt,Di[1]=te),xe=hi[0],
se=hi[1],il=hi[2],pt=hi[3],(xe!==Hi[0]||se!==Hi[1]||il!==Hi[2]||pt!==Hi[3])&&(Fe.blendFuncSeparate(xe,se,il,pt),Hi[0]=xe,
Hi[1]=se,Hi[2]=il,Hi[3]=pt),at=ri.depth_enable,at!==ct.depth_enable&&(at?Fe.enable(2929):Fe.disable(2929),ct.depth_enable=
at),yt=ri.depth_func,yt!==ct.depth_func&&(Fe.depthFunc(yt),ct.depth_func=yt),Ke=Vi[0],Ye=Vi[1],(Ke!==Ii[0]||Ye!==Ii[1])&&
(Fe.depthRange(Ke,Ye),Ii[0]=Ke,Ii[1]=Ye),Ne=ri.depth_mask,Ne!==ct.depth_mask&&(Fe.depthMask(Ne),ct.depth_mask=Ne),rt=ti[0],
Ol=ti[1],Cl=ti[2],Jt=ti[3],(rt!==di[0]||Ol!==di[1]||Cl!==di[2]||Jt!==di[3])&&(Fe.colorMask(rt,Ol,Cl,Jt),di[0]=rt,di[1]=Ol,
di[2]=Cl,di[3]=Jt),Ml=ri.cull_enable,Ml!==ct.cull_enable&&(Ml?Fe.enable(2884):Fe.disable(2884),ct.cull_enable=Ml),Mt=ri.
cull_face,Mt!==ct.cull_face&&(Fe.cullFace(Mt),ct.cull_face=Mt),ye=ri.frontFace,ye!==ct.frontFace&&(Fe.frontFace(ye),ct.frontFace=
ye),nl=ri.lineWidth,nl!==ct.lineWidth&&(Fe.lineWidth(nl),ct.lineWidth=nl),Ft=ri.polygonOffset_enable,Ft!==ct.polygonOffset_enable&&
(Ft?Fe.enable(32823):Fe.disable(32823),ct.polygonOffset_enable=Ft),Nt=pi[0],Qt=pi[1],(Nt!==Wi[0]||Qt!==Wi[1])&&(Fe.polygonOffset(
Nt,Qt),Wi[0]=Nt,Wi[1]=Qt),De=ri.sample_alpha,De!==ct.sample_alpha&&(De?Fe.enable(32926):Fe.disable(32926),ct.sample_alpha=
De),Ct=ri.sample_enable,Ct!==ct.sample_enable&&(Ct?Fe.enable(32928):Fe.disable(32928),ct.sample_enable=Ct),Ze=Wl[0],v=Wl[1],
(Ze!==yi[0]||v!==yi[1])&&(Fe.sampleCoverage(Ze,v),yi[0]=Ze,yi[1]=v),oe=ri.stencil_enable,oe!==ct.stencil_enable&&(oe?Fe.
enable(2960):Fe.disable(2960),ct.stencil_enable=oe),li=ri.stencil_mask,li!==ct.stencil_mask&&(Fe.stencilMask(li),ct.stencil_mask=
li),gl=Ei[0],zl=Ei[1],o=Ei[2],(gl!==mi[0]||zl!==mi[1]||o!==mi[2])&&(Fe.stencilFunc(gl,zl,o),mi[0]=gl,mi[1]=zl,mi[2]=o),n=
Ri[0],R=Ri[1],F=Ri[2],p=Ri[3],(n!==ui[0]||R!==ui[1]||F!==ui[2]||p!==ui[3])&&(Fe.stencilOpSeparate(n,R,F,p),ui[0]=n,ui[1]=
R,ui[2]=F,ui[3]=p),t=Ai[0],e=Ai[1],i=Ai[2],d=Ai[3],(t!==si[0]||e!==si[1]||i!==si[2]||d!==si[3])&&(Fe.stencilOpSeparate(t,
e,i,d),si[0]=t,si[1]=e,si[2]=i,si[3]=d),l=ri.scissor_enable,l!==ct.scissor_enable&&(l?Fe.enable(3089):Fe.disable(3089),ct.
scissor_enable=l),s=zi[0],y=zi[1],z=zi[2],N=zi[3],(s!==wi[0]||y!==wi[1]||z!==wi[2]||N!==wi[3])&&(Fe.scissor(s,y,z,N),wi[0]=
s,wi[1]=y,wi[2]=z,wi[3]=N),oi=ze[0],Jl=ze[1],a=ze[2],f=ze[3],(oi!==Se[0]||Jl!==Se[1]||a!==Se[2]||f!==Se[3])&&(Fe.viewport(
oi,Jl,a,f),Se[0]=oi,Se[1]=Jl,Se[2]=a,Se[3]=f),ct.dirty=!1}C=ct.profile,C&&(Si=performance.now(),Tl.count+=Gt),Fe.useProgram(
ve.program);var ul,bi,it,Te,K,D,nt,re;for(Pi.setVAO(null),ul=qe.location,bi=Be[ul],bi.buffer||Fe.enableVertexAttribArray(
ul),(bi.type!==Ki.dtype||bi.size!==2||bi.buffer!==Ki||bi.normalized!==!1||bi.offset!==0||bi.stride!==0)&&(Fe.bindBuffer(
34962,Ki.buffer),Fe.vertexAttribPointer(ul,2,Ki.dtype,!1,0,0),bi.type=Ki.dtype,bi.size=2,bi.buffer=Ki,bi.normalized=!1,bi.
offset=0,bi.stride=0),it=dt.call(this,ji,S,cl),Fe.uniformMatrix4fv(mt.location,!1,Array.isArray(it)||it instanceof Float32Array?
it:(h[0]=it[0],h[1]=it[1],h[2]=it[2],h[3]=it[3],h[4]=it[4],h[5]=it[5],h[6]=it[6],h[7]=it[7],h[8]=it[8],h[9]=it[9],h[10]=
it[10],h[11]=it[11],h[12]=it[12],h[13]=it[13],h[14]=it[14],h[15]=it[15],h)),Te=A.call(this,ji,S,cl),Te&&Te._reglType==="\
framebuffer"&&(Te=Te.color[0]),K=Te._texture,Fe.uniform1i(Oi.location,K.bind()),D=jt.elements,D?Fe.bindBuffer(34963,D.buffer.
buffer):Pi.currentVAO&&(D=ci.getElements(Pi.currentVAO.elements),D&&Fe.bindBuffer(34963,D.buffer.buffer)),nt=jt.primitive,
re=jt.offset,cl=0;cl<Gt;++cl)S=Je[cl],D?Fe.drawElements(nt,6,D.type,re<<(D.type-5121>>1)):Fe.drawArrays(nt,re,6);K.unbind(),
Pi.setVAO(null),C&&(Tl.cpuTime+=performance.now()-Si)}}},"9a1f69e33c753a2bd01c3353136da128a659d58d14eec9a87108ad61c98277\
6d":function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o){
"use strict";var n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,
bl,Al,Fl,Kl,Xi,be,ft,Gi,Pt;return n=_.gl,R=_.context,F=_.strings,p=_.next,t=_.current,e=_.draw,i=_.elements,d=_.buffer,l=
_.shader,s=_.attributes,y=_.vao,z=_.uniforms,N=_.framebuffer,oi=_.extensions,Jl=_.timer,a=_.isBufferArgs,f=p.blend_color,
ul=t.blend_color,bi=p.blend_equation,it=t.blend_equation,Te=p.blend_func,K=t.blend_func,D=p.depth_range,nt=t.depth_range,
re=p.colorMask,ce=t.colorMask,qt=p.polygonOffset_offset,ql=t.polygonOffset_offset,kt=p.sample_coverage,P=t.sample_coverage,
Ee=p.stencil_func,fl=t.stencil_func,Sl=p.stencil_opFront,Ql=t.stencil_opFront,al=p.stencil_opBack,Ot=t.stencil_opBack,ge=
p.scissor_box,U=t.scissor_box,ue=p.viewport,et=t.viewport,xl={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"li\
ne loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},bl={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},Al={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Fl={add:32774,subtract:32778,"reverse \
subtract":32779},Kl={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Xi={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
be={cw:2304,ccw:2305},ft={},ft.size=2,Gi=new Float32Array(16),Pt=new Float32Array(16),{draw:function(Pl){var b,r,le,u,c,
w,x,jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl;if(b=
N.next,b!==N.cur&&(b?n.bindFramebuffer(36160,b.framebuffer):n.bindFramebuffer(36160,null),N.cur=b),t.dirty){var ei,Zl,$l,
wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,
Bl,j,fi;ei=p.dither,ei!==t.dither&&(ei?n.enable(3024):n.disable(3024),t.dither=ei),Zl=f[0],$l=f[1],wt=f[2],sl=f[3],(Zl!==
ul[0]||$l!==ul[1]||wt!==ul[2]||sl!==ul[3])&&(n.blendColor(Zl,$l,wt,sl),ul[0]=Zl,ul[1]=$l,ul[2]=wt,ul[3]=sl),he=bi[0],el=
bi[1],(he!==it[0]||el!==it[1])&&(n.blendEquationSeparate(he,el),it[0]=he,it[1]=el),ie=p.depth_func,ie!==t.depth_func&&(n.
depthFunc(ie),t.depth_func=ie),Xt=D[0],je=D[1],(Xt!==nt[0]||je!==nt[1])&&(n.depthRange(Xt,je),nt[0]=Xt,nt[1]=je),zt=p.depth_mask,
zt!==t.depth_mask&&(n.depthMask(zt),t.depth_mask=zt),Yt=re[0],tt=re[1],ot=re[2],Pe=re[3],(Yt!==ce[0]||tt!==ce[1]||ot!==ce[2]||
Pe!==ce[3])&&(n.colorMask(Yt,tt,ot,Pe),ce[0]=Yt,ce[1]=tt,ce[2]=ot,ce[3]=Pe),H=p.cull_enable,H!==t.cull_enable&&(H?n.enable(
2884):n.disable(2884),t.cull_enable=H),He=p.cull_face,He!==t.cull_face&&(n.cullFace(He),t.cull_face=He),ae=p.frontFace,ae!==
t.frontFace&&(n.frontFace(ae),t.frontFace=ae),_e=p.lineWidth,_e!==t.lineWidth&&(n.lineWidth(_e),t.lineWidth=_e),Zt=p.polygonOffset_enable,
Zt!==t.polygonOffset_enable&&(Zt?n.enable(32823):n.disable(32823),t.polygonOffset_enable=Zt),ee=qt[0],ne=qt[1],(ee!==ql[0]||
ne!==ql[1])&&(n.polygonOffset(ee,ne),ql[0]=ee,ql[1]=ne),Ae=p.sample_alpha,Ae!==t.sample_alpha&&(Ae?n.enable(32926):n.disable(
32926),t.sample_alpha=Ae),tl=p.sample_enable,tl!==t.sample_enable&&(tl?n.enable(32928):n.disable(32928),t.sample_enable=
tl),xt=kt[0],M=kt[1],(xt!==P[0]||M!==P[1])&&(n.sampleCoverage(xt,M),P[0]=xt,P[1]=M),E=p.stencil_enable,E!==t.stencil_enable&&
(E?n.enable(2960):n.disable(2960),t.stencil_enable=E),Et=p.stencil_mask,Et!==t.stencil_mask&&(n.stencilMask(Et),t.stencil_mask=
Et),ol=Ee[0],kl=Ee[1],$t=Ee[2],(ol!==fl[0]||kl!==fl[1]||$t!==fl[2])&&(n.stencilFunc(ol,kl,$t),fl[0]=ol,fl[1]=kl,fl[2]=$t),
vt=Sl[0],$e=Sl[1],Hl=Sl[2],St=Sl[3],(vt!==Ql[0]||$e!==Ql[1]||Hl!==Ql[2]||St!==Ql[3])&&(n.stencilOpSeparate(vt,$e,Hl,St),
Ql[0]=vt,Ql[1]=$e,Ql[2]=Hl,Ql[3]=St),Ue=al[0],Ge=al[1],At=al[2],we=al[3],(Ue!==Ot[0]||Ge!==Ot[1]||At!==Ot[2]||we!==Ot[3])&&
(n.stencilOpSeparate(Ue,Ge,At,we),Ot[0]=Ue,Ot[1]=Ge,Ot[2]=At,Ot[3]=we),Bt=p.scissor_enable,Bt!==t.scissor_enable&&(Bt?n.
enable(3089):n.disable(3089),t.scissor_enable=Bt),X=ge[0],me=ge[1],Rl=ge[2],ll=ge[3],(X!==U[0]||me!==U[1]||Rl!==U[2]||ll!==
U[3])&&(n.scissor(X,me,Rl,ll),U[0]=X,U[1]=me,U[2]=Rl,U[3]=ll),Vt=ue[0],Bl=ue[1],j=ue[2],fi=ue[3],(Vt!==et[0]||Bl!==et[1]||
j!==et[2]||fi!==et[3])&&(n.viewport(Vt,Bl,j,fi),et[0]=Vt,et[1]=Bl,et[2]=j,et[3]=fi)}ve?n.enable(3042):n.disable(3042),t.
blend_enable=ve,n.blendFuncSeparate(770,771,1,771),K[0]=770,K[1]=771,K[2]=1,K[3]=771,Ki?n.enable(2929):n.disable(2929),t.
depth_enable=Ki,r=t.profile,r&&(le=performance.now(),Tl.count++),n.useProgram(qe.program),y.setVAO(null),u=mt.call(this,
R,Pl,0),ft.buffer=u,c=!1,w=1,x=0,jl=0,B=0,m=0,k=null,Ie=0,Y=!1,Me=5126,fe=0,Oe=0,Ut=0,a(ft)?(c=!0,k=d.createStream(34962,
ft),Me=k.dtype):(k=d.getBuffer(ft),k?Me=k.dtype:"constant"in ft?(w=2,typeof ft.constant=="number"?(x=ft.constant,jl=B=m=
0):(x=ft.constant.length>0?ft.constant[0]:0,jl=ft.constant.length>1?ft.constant[1]:0,B=ft.constant.length>2?ft.constant[2]:
0,m=ft.constant.length>3?ft.constant[3]:0)):(a(ft.buffer)?k=d.createStream(34962,ft.buffer):k=d.getBuffer(ft.buffer),Me=
"type"in ft?Xi[ft.type]:k.dtype,Y=!!ft.normalized,Ie=ft.size|0,fe=ft.offset|0,Oe=ft.stride|0,Ut=ft.divisor|0)),$=dt.location,
g=s[$],w===1?(g.buffer||n.enableVertexAttribArray($),st=Ie||2,(g.type!==Me||g.size!==st||g.buffer!==k||g.normalized!==Y||
g.offset!==fe||g.stride!==Oe)&&(n.bindBuffer(34962,k.buffer),n.vertexAttribPointer($,st,Me,Y,Oe,fe),g.type=Me,g.size=st,
g.buffer=k,g.normalized=Y,g.offset=fe,g.stride=Oe)):(g.buffer&&(n.disableVertexAttribArray($),g.buffer=null),(g.x!==x||g.
y!==jl||g.z!==B||g.w!==m)&&(n.vertexAttrib4f($,x,jl,B,m),g.x=x,g.y=jl,g.z=B,g.w=m)),Ht=A.call(this,R,Pl,0),n.uniform1f(Oi.
location,Ht),Le=Ni.call(this,R,Pl,0),n.uniform1f(Ti.location,Le),W=q.call(this,R,Pl,0),W&&W._reglType==="framebuffer"&&(W=
W.color[0]),T=W._texture,n.uniform1i(_i.location,T.bind()),rl=Ji.call(this,R,Pl,0),n.uniform1f($i.location,rl),Kt=ji.call(
this,R,Pl,0),n.uniform1f(Fe.location,Kt),hl=ri.call(this,R,Pl,0),n.uniform1f(Zi.location,hl),dl=jt.call(this,R,Pl,0),n.uniform1f(
ct.location,dl),gt=Qi.call(this,R,Pl,0),gt&&gt._reglType==="framebuffer"&&(gt=gt.color[0]),de=gt._texture,n.uniform1i(ci.
location,de.bind()),Ul=Be.call(this,R,Pl,0),n.uniform1f(V.location,Ul),Rt=O.call(this,R,Pl,0),n.uniform1f(Pi.location,Rt),
n.uniform1f(J.location,3),Xl=ke.call(this,R,Pl,0),n.uniform1f(G.location,Xl),pl=Ve.call(this,R,Pl,0),n.uniform1f(lt.location,
pl),_l=wl.call(this,R,Pl,0),n.uniform1f(Q.location,_l),ut=hi.call(this,R,Pl,0),n.uniform1f(Di.location,ut),Ll=Vi.call(this,
R,Pl,0),n.uniform1f(Hi.location,Ll),bt=ti.call(this,R,Pl,0),n.uniformMatrix4fv(Ii.location,!1,Array.isArray(bt)||bt instanceof
Float32Array?bt:(Gi[0]=bt[0],Gi[1]=bt[1],Gi[2]=bt[2],Gi[3]=bt[3],Gi[4]=bt[4],Gi[5]=bt[5],Gi[6]=bt[6],Gi[7]=bt[7],Gi[8]=bt[8],
Gi[9]=bt[9],Gi[10]=bt[10],Gi[11]=bt[11],Gi[12]=bt[12],Gi[13]=bt[13],Gi[14]=bt[14],Gi[15]=bt[15],Gi)),n.uniform1f(di.location,
4),Tt=Wi.call(this,R,Pl,0),n.uniform1f(pi.location,Tt),ii=yi.call(this,R,Pl,0),n.uniform1f(Wl.location,ii),Yl=mi.call(this,
R,Pl,0),n.uniform1f(Ei.location,Yl),yl=ui.call(this,R,Pl,0),n.uniform1f(Ri.location,yl),Nl=si.call(this,R,Pl,0),n.uniform1f(
Ai.location,Nl),I=wi.call(this,R,Pl,0),I&&I._reglType==="framebuffer"&&(I=I.color[0]),ni=I._texture,n.uniform1i(zi.location,
ni.bind()),L=e.elements,L?n.bindBuffer(34963,L.buffer.buffer):y.currentVAO&&(L=i.getElements(y.currentVAO.elements),L&&n.
bindBuffer(34963,L.buffer.buffer)),pe=e.offset,Gl=ze.call(this,R,Pl,0),Gl&&(L?n.drawElements(0,Gl,L.type,pe<<(L.type-5121>>
1)):n.drawArrays(0,pe,Gl),t.dirty=!0,y.setVAO(null),r&&(Tl.cpuTime+=performance.now()-le),c&&d.destroyStream(k),T.unbind(),
de.unbind(),ni.unbind())},scope:function(Pl,b,r){var le,u,c,w,x,jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,
de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,
Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl;le=p.blend_enable,p.
blend_enable=Se,u=Te[0],Te[0]=Wt,c=Te[1],Te[1]=ht,w=Te[2],Te[2]=We,x=Te[3],Te[3]=Re,jl=p.depth_enable,p.depth_enable=ml,
B=t.profile,B&&(m=performance.now(),Tl.count++),k=ze.call(this,R,Pl,r),Ie=e.count,e.count=k,Y=e.primitive,e.primitive=Fi,
Me=z[Dt],z[Dt]=3,fe=z[Dl],z[Dl]=4,Oe=A.call(this,R,Pl,r),Ut=z[h],z[h]=Oe,$=Je.call(this,R,Pl,r),g=z[Gt],z[Gt]=$,st=ti.call(
this,R,Pl,r),Ht=z[Xe],z[Xe]=st,Le=C.call(this,R,Pl,r),W=z[Si],z[Si]=Le,T=mi.call(this,R,Pl,r),rl=z[cl],z[cl]=T,Kt=Qi.call(
this,R,Pl,r),hl=z[S],z[S]=Kt,dl=O.call(this,R,Pl,r),gt=z[El],z[El]=dl,de=Be.call(this,R,Pl,r),Ul=z[It],z[It]=de,Rt=Wi.call(
this,R,Pl,r),Xl=z[_t],z[_t]=Rt,pl=yi.call(this,R,Pl,r),_l=z[Ce],z[Ce]=pl,ut=ui.call(this,R,Pl,r),Ll=z[Qe],z[Qe]=ut,bt=q.
call(this,R,Pl,r),Tt=z[Il],z[Il]=bt,ii=ji.call(this,R,Pl,r),Yl=z[Lt],z[Lt]=ii,yl=Ji.call(this,R,Pl,r),Nl=z[te],z[te]=yl,
I=wi.call(this,R,Pl,r),ni=z[xe],z[xe]=I,L=se.call(this,R,Pl,r),pe=z[il],z[il]=L,Gl=pt.call(this,R,Pl,r),ei=z[at],z[at]=Gl,
Zl=Ve.call(this,R,Pl,r),$l=z[yt],z[yt]=Zl,wt=ke.call(this,R,Pl,r),sl=z[Ke],z[Ke]=wt,he=Ye.call(this,R,Pl,r),el=z[Ne],z[Ne]=
he,ie=rt.call(this,R,Pl,r),Xt=z[Ol],z[Ol]=ie,je=Cl.call(this,R,Pl,r),zt=z[Jt],z[Jt]=je,Yt=Vi.call(this,R,Pl,r),tt=z[Ml],
z[Ml]=Yt,ot=hi.call(this,R,Pl,r),Pe=z[Mt],z[Mt]=ot,H=wl.call(this,R,Pl,r),He=z[ye],z[ye]=H,ae=Ni.call(this,R,Pl,r),_e=z[nl],
z[nl]=ae,Zt=Ft.call(this,R,Pl,r),ee=z[Nt],z[Nt]=Zt,ne=Qt.call(this,R,Pl,r),Ae=z[De],z[De]=ne,tl=si.call(this,R,Pl,r),xt=
z[Ct],z[Ct]=tl,M=jt.call(this,R,Pl,r),E=z[Ze],z[Ze]=M,Et=ri.call(this,R,Pl,r),ol=z[v],z[v]=Et,kl=mt.call(this,R,Pl,r),ft.
buffer=kl,$t=!1,vt=1,$e=0,Hl=0,St=0,Ue=0,Ge=null,At=0,we=!1,Bt=5126,X=0,me=0,Rl=0,a(ft)?($t=!0,Ge=d.createStream(34962,ft),
Bt=Ge.dtype):(Ge=d.getBuffer(ft),Ge?Bt=Ge.dtype:"constant"in ft?(vt=2,typeof ft.constant=="number"?($e=ft.constant,Hl=St=
Ue=0):($e=ft.constant.length>0?ft.constant[0]:0,Hl=ft.constant.length>1?ft.constant[1]:0,St=ft.constant.length>2?ft.constant[2]:
0,Ue=ft.constant.length>3?ft.constant[3]:0)):(a(ft.buffer)?Ge=d.createStream(34962,ft.buffer):Ge=d.getBuffer(ft.buffer),
Bt="type"in ft?Xi[ft.type]:Ge.dtype,we=!!ft.normalized,At=ft.size|0,X=ft.offset|0,me=ft.stride|0,Rl=ft.divisor|0)),ll=oe.
state,oe.state=vt,Vt=oe.x,oe.x=$e,Bl=oe.y,oe.y=Hl,j=oe.z,oe.z=St,fi=oe.w,oe.w=Ue,Z=oe.buffer,oe.buffer=Ge,Vl=oe.size,oe.
size=At,ki=oe.normalized,oe.normalized=we,Ci=oe.type,oe.type=Bt,Mi=oe.offset,oe.offset=X,qi=oe.stride,oe.stride=me,ai=oe.
divisor,oe.divisor=Rl,xi=l.vert,l.vert=li,vl=l.frag,l.frag=gl,t.dirty=!0,b(R,Pl,r),p.blend_enable=le,Te[0]=u,Te[1]=c,Te[2]=
w,Te[3]=x,p.depth_enable=jl,B&&(Tl.cpuTime+=performance.now()-m),e.count=Ie,e.primitive=Y,z[Dt]=Me,z[Dl]=fe,z[h]=Ut,z[Gt]=
g,z[Xe]=Ht,z[Si]=W,z[cl]=rl,z[S]=hl,z[El]=gt,z[It]=Ul,z[_t]=Xl,z[Ce]=_l,z[Qe]=Ll,z[Il]=Tt,z[Lt]=Yl,z[te]=Nl,z[xe]=ni,z[il]=
pe,z[at]=ei,z[yt]=$l,z[Ke]=sl,z[Ne]=el,z[Ol]=Xt,z[Jt]=zt,z[Ml]=tt,z[Mt]=Pe,z[ye]=He,z[nl]=_e,z[Nt]=ee,z[De]=Ae,z[Ct]=xt,
z[Ze]=E,z[v]=ol,$t&&d.destroyStream(Ge),oe.state=ll,oe.x=Vt,oe.y=Bl,oe.z=j,oe.w=fi,oe.buffer=Z,oe.size=Vl,oe.normalized=
ki,oe.type=Ci,oe.offset=Mi,oe.stride=qi,oe.divisor=ai,l.vert=xi,l.frag=vl,t.dirty=!0},batch:function(Pl,b){var r,le,u,c,
w;if(r=N.next,r!==N.cur&&(r?n.bindFramebuffer(36160,r.framebuffer):n.bindFramebuffer(36160,null),N.cur=r),t.dirty){var x,
jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,
wt,sl,he;x=p.dither,x!==t.dither&&(x?n.enable(3024):n.disable(3024),t.dither=x),jl=f[0],B=f[1],m=f[2],k=f[3],(jl!==ul[0]||
B!==ul[1]||m!==ul[2]||k!==ul[3])&&(n.blendColor(jl,B,m,k),ul[0]=jl,ul[1]=B,ul[2]=m,ul[3]=k),Ie=bi[0],Y=bi[1],(Ie!==it[0]||
Y!==it[1])&&(n.blendEquationSeparate(Ie,Y),it[0]=Ie,it[1]=Y),Me=p.depth_func,Me!==t.depth_func&&(n.depthFunc(Me),t.depth_func=
Me),fe=D[0],Oe=D[1],(fe!==nt[0]||Oe!==nt[1])&&(n.depthRange(fe,Oe),nt[0]=fe,nt[1]=Oe),Ut=p.depth_mask,Ut!==t.depth_mask&&
(n.depthMask(Ut),t.depth_mask=Ut),$=re[0],g=re[1],st=re[2],Ht=re[3],($!==ce[0]||g!==ce[1]||st!==ce[2]||Ht!==ce[3])&&(n.colorMask(
$,g,st,Ht),ce[0]=$,ce[1]=g,ce[2]=st,ce[3]=Ht),Le=p.cull_enable,Le!==t.cull_enable&&(Le?n.enable(2884):n.disable(2884),t.
cull_enable=Le),W=p.cull_face,W!==t.cull_face&&(n.cullFace(W),t.cull_face=W),T=p.frontFace,T!==t.frontFace&&(n.frontFace(
T),t.frontFace=T),rl=p.lineWidth,rl!==t.lineWidth&&(n.lineWidth(rl),t.lineWidth=rl),Kt=p.polygonOffset_enable,Kt!==t.polygonOffset_enable&&
(Kt?n.enable(32823):n.disable(32823),t.polygonOffset_enable=Kt),hl=qt[0],dl=qt[1],(hl!==ql[0]||dl!==ql[1])&&(n.polygonOffset(
hl,dl),ql[0]=hl,ql[1]=dl),gt=p.sample_alpha,gt!==t.sample_alpha&&(gt?n.enable(32926):n.disable(32926),t.sample_alpha=gt),
de=p.sample_enable,de!==t.sample_enable&&(de?n.enable(32928):n.disable(32928),t.sample_enable=de),Ul=kt[0],Rt=kt[1],(Ul!==
P[0]||Rt!==P[1])&&(n.sampleCoverage(Ul,Rt),P[0]=Ul,P[1]=Rt),Xl=p.stencil_enable,Xl!==t.stencil_enable&&(Xl?n.enable(2960):
n.disable(2960),t.stencil_enable=Xl),pl=p.stencil_mask,pl!==t.stencil_mask&&(n.stencilMask(pl),t.stencil_mask=pl),_l=Ee[0],
ut=Ee[1],Ll=Ee[2],(_l!==fl[0]||ut!==fl[1]||Ll!==fl[2])&&(n.stencilFunc(_l,ut,Ll),fl[0]=_l,fl[1]=ut,fl[2]=Ll),bt=Sl[0],Tt=
Sl[1],ii=Sl[2],Yl=Sl[3],(bt!==Ql[0]||Tt!==Ql[1]||ii!==Ql[2]||Yl!==Ql[3])&&(n.stencilOpSeparate(bt,Tt,ii,Yl),Ql[0]=bt,Ql[1]=
Tt,Ql[2]=ii,Ql[3]=Yl),yl=al[0],Nl=al[1],I=al[2],ni=al[3],(yl!==Ot[0]||Nl!==Ot[1]||I!==Ot[2]||ni!==Ot[3])&&(n.stencilOpSeparate(
yl,Nl,I,ni),Ot[0]=yl,Ot[1]=Nl,Ot[2]=I,Ot[3]=ni),L=p.scissor_enable,L!==t.scissor_enable&&(L?n.enable(3089):n.disable(3089),
t.scissor_enable=L),pe=ge[0],Gl=ge[1],ei=ge[2],Zl=ge[3],(pe!==U[0]||Gl!==U[1]||ei!==U[2]||Zl!==U[3])&&(n.scissor(pe,Gl,ei,
Zl),U[0]=pe,U[1]=Gl,U[2]=ei,U[3]=Zl),$l=ue[0],wt=ue[1],sl=ue[2],he=ue[3],($l!==et[0]||wt!==et[1]||sl!==et[2]||he!==et[3])&&
(n.viewport($l,wt,sl,he),et[0]=$l,et[1]=wt,et[2]=sl,et[3]=he)}zl?n.enable(3042):n.disable(3042),t.blend_enable=zl,n.blendFuncSeparate(
770,771,1,771),K[0]=770,K[1]=771,K[2]=1,K[3]=771,o?n.enable(2929):n.disable(2929),t.depth_enable=o,le=t.profile,le&&(u=performance.
now(),Tl.count+=b),n.useProgram(qe.program);var el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,
vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki;for(y.setVAO(null),el=mt.call(this,R,w,c),ft.buffer=el,ie=!1,Xt=
1,je=0,zt=0,Yt=0,tt=0,ot=null,Pe=0,H=!1,He=5126,ae=0,_e=0,Zt=0,a(ft)?(ie=!0,ot=d.createStream(34962,ft),He=ot.dtype):(ot=
d.getBuffer(ft),ot?He=ot.dtype:"constant"in ft?(Xt=2,typeof ft.constant=="number"?(je=ft.constant,zt=Yt=tt=0):(je=ft.constant.
length>0?ft.constant[0]:0,zt=ft.constant.length>1?ft.constant[1]:0,Yt=ft.constant.length>2?ft.constant[2]:0,tt=ft.constant.
length>3?ft.constant[3]:0)):(a(ft.buffer)?ot=d.createStream(34962,ft.buffer):ot=d.getBuffer(ft.buffer),He="type"in ft?Xi[ft.
type]:ot.dtype,H=!!ft.normalized,Pe=ft.size|0,ae=ft.offset|0,_e=ft.stride|0,Zt=ft.divisor|0)),ee=dt.location,ne=s[ee],Xt===
1?(ne.buffer||n.enableVertexAttribArray(ee),Ae=Pe||2,(ne.type!==He||ne.size!==Ae||ne.buffer!==ot||ne.normalized!==H||ne.
offset!==ae||ne.stride!==_e)&&(n.bindBuffer(34962,ot.buffer),n.vertexAttribPointer(ee,Ae,He,H,_e,ae),ne.type=He,ne.size=
Ae,ne.buffer=ot,ne.normalized=H,ne.offset=ae,ne.stride=_e)):(ne.buffer&&(n.disableVertexAttribArray(ee),ne.buffer=null),
(ne.x!==je||ne.y!==zt||ne.z!==Yt||ne.w!==tt)&&(n.vertexAttrib4f(ee,je,zt,Yt,tt),ne.x=je,ne.y=zt,ne.z=Yt,ne.w=tt)),tl=A.call(
this,R,w,c),n.uniform1f(Oi.location,tl),xt=Ni.call(this,R,w,c),n.uniform1f(Ti.location,xt),M=q.call(this,R,w,c),M&&M._reglType===
"framebuffer"&&(M=M.color[0]),E=M._texture,n.uniform1i(_i.location,E.bind()),Et=Ji.call(this,R,w,c),n.uniform1f($i.location,
Et),ol=ji.call(this,R,w,c),n.uniform1f(Fe.location,ol),kl=ri.call(this,R,w,c),n.uniform1f(Zi.location,kl),$t=jt.call(this,
R,w,c),n.uniform1f(ct.location,$t),vt=Qi.call(this,R,w,c),vt&&vt._reglType==="framebuffer"&&(vt=vt.color[0]),$e=vt._texture,
n.uniform1i(ci.location,$e.bind()),Hl=Be.call(this,R,w,c),n.uniform1f(V.location,Hl),St=O.call(this,R,w,c),n.uniform1f(Pi.
location,St),n.uniform1f(J.location,3),Ue=ke.call(this,R,w,c),n.uniform1f(G.location,Ue),Ge=Ve.call(this,R,w,c),n.uniform1f(
lt.location,Ge),At=wl.call(this,R,w,c),n.uniform1f(Q.location,At),we=hi.call(this,R,w,c),n.uniform1f(Di.location,we),Bt=
Vi.call(this,R,w,c),n.uniform1f(Hi.location,Bt),X=ti.call(this,R,w,c),n.uniformMatrix4fv(Ii.location,!1,Array.isArray(X)||
X instanceof Float32Array?X:(Pt[0]=X[0],Pt[1]=X[1],Pt[2]=X[2],Pt[3]=X[3],Pt[4]=X[4],Pt[5]=X[5],Pt[6]=X[6],Pt[7]=X[7],Pt[8]=
X[8],Pt[9]=X[9],Pt[10]=X[10],Pt[11]=X[11],Pt[12]=X[12],Pt[13]=X[13],Pt[14]=X[14],Pt[15]=X[15],Pt)),n.uniform1f(di.location,
4),me=Wi.call(this,R,w,c),n.uniform1f(pi.location,me),Rl=yi.call(this,R,w,c),n.uniform1f(Wl.location,Rl),ll=mi.call(this,
R,w,c),n.uniform1f(Ei.location,ll),Vt=ui.call(this,R,w,c),n.uniform1f(Ri.location,Vt),Bl=si.call(this,R,w,c),n.uniform1f(
Ai.location,Bl),j=wi.call(this,R,w,c),j&&j._reglType==="framebuffer"&&(j=j.color[0]),fi=j._texture,n.uniform1i(zi.location,
fi.bind()),Z=e.elements,Z?n.bindBuffer(34963,Z.buffer.buffer):y.currentVAO&&(Z=i.getElements(y.currentVAO.elements),Z&&n.
bindBuffer(34963,Z.buffer.buffer)),Vl=e.offset,ki=ze.call(this,R,w,c),c=0;c<b;++c)w=Pl[c],ki&&(Z?n.drawElements(0,ki,Z.type,
Vl<<(Z.type-5121>>1)):n.drawArrays(0,Vl,ki));ie&&d.destroyStream(ot),E.unbind(),$e.unbind(),fi.unbind(),t.dirty=!0,y.setVAO(
null),le&&(Tl.cpuTime+=performance.now()-u)}}},a155a31cbaa2a156e23b6b1ec2f52f3b42ec9c1b3d1f1b171d954f120a9353f7:function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t){
"use strict";var e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,
Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le,u;return e=_.gl,i=_.context,d=_.strings,l=_.next,s=_.current,y=_.draw,z=_.elements,N=_.buffer,
oi=_.shader,Jl=_.attributes,a=_.vao,f=_.uniforms,ul=_.framebuffer,bi=_.extensions,it=_.timer,Te=_.isBufferArgs,K=l.blend_color,
D=s.blend_color,nt=l.blend_equation,re=s.blend_equation,ce=l.blend_func,qt=s.blend_func,ql=l.depth_range,kt=s.depth_range,
P=l.colorMask,Ee=s.colorMask,fl=l.polygonOffset_offset,Sl=s.polygonOffset_offset,Ql=l.sample_coverage,al=s.sample_coverage,
Ot=l.stencil_func,ge=s.stencil_func,U=l.stencil_opFront,ue=s.stencil_opFront,et=l.stencil_opBack,xl=s.stencil_opBack,bl=
l.scissor_box,Al=s.scissor_box,Fl=l.viewport,Kl=s.viewport,Xi={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"l\
ine loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},be={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},ft={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Gi={add:32774,subtract:32778,"reverse \
subtract":32779},Pt={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Pl={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
b={cw:2304,ccw:2305},r={},r.size=2,le=new Float32Array(16),u=new Float32Array(16),{draw:function(c){var w,x,jl,B,m,k,Ie,
Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,
ie,Xt,je;if(w=ul.next,w!==ul.cur&&(w?e.bindFramebuffer(36160,w.framebuffer):e.bindFramebuffer(36160,null),ul.cur=w),s.dirty){
var zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,
Ci,Mi,qi,ai,xi,vl,Li;zt=l.dither,zt!==s.dither&&(zt?e.enable(3024):e.disable(3024),s.dither=zt),Yt=K[0],tt=K[1],ot=K[2],
Pe=K[3],(Yt!==D[0]||tt!==D[1]||ot!==D[2]||Pe!==D[3])&&(e.blendColor(Yt,tt,ot,Pe),D[0]=Yt,D[1]=tt,D[2]=ot,D[3]=Pe),H=nt[0],
He=nt[1],(H!==re[0]||He!==re[1])&&(e.blendEquationSeparate(H,He),re[0]=H,re[1]=He),ae=l.depth_func,ae!==s.depth_func&&(e.
depthFunc(ae),s.depth_func=ae),_e=ql[0],Zt=ql[1],(_e!==kt[0]||Zt!==kt[1])&&(e.depthRange(_e,Zt),kt[0]=_e,kt[1]=Zt),ee=l.
depth_mask,ee!==s.depth_mask&&(e.depthMask(ee),s.depth_mask=ee),ne=P[0],Ae=P[1],tl=P[2],xt=P[3],(ne!==Ee[0]||Ae!==Ee[1]||
tl!==Ee[2]||xt!==Ee[3])&&(e.colorMask(ne,Ae,tl,xt),Ee[0]=ne,Ee[1]=Ae,Ee[2]=tl,Ee[3]=xt),M=l.cull_enable,M!==s.cull_enable&&
(M?e.enable(2884):e.disable(2884),s.cull_enable=M),E=l.cull_face,E!==s.cull_face&&(e.cullFace(E),s.cull_face=E),Et=l.frontFace,
Et!==s.frontFace&&(e.frontFace(Et),s.frontFace=Et),ol=l.lineWidth,ol!==s.lineWidth&&(e.lineWidth(ol),s.lineWidth=ol),kl=
l.polygonOffset_enable,kl!==s.polygonOffset_enable&&(kl?e.enable(32823):e.disable(32823),s.polygonOffset_enable=kl),$t=fl[0],
vt=fl[1],($t!==Sl[0]||vt!==Sl[1])&&(e.polygonOffset($t,vt),Sl[0]=$t,Sl[1]=vt),$e=l.sample_alpha,$e!==s.sample_alpha&&($e?
e.enable(32926):e.disable(32926),s.sample_alpha=$e),Hl=l.sample_enable,Hl!==s.sample_enable&&(Hl?e.enable(32928):e.disable(
32928),s.sample_enable=Hl),St=Ql[0],Ue=Ql[1],(St!==al[0]||Ue!==al[1])&&(e.sampleCoverage(St,Ue),al[0]=St,al[1]=Ue),Ge=l.
stencil_enable,Ge!==s.stencil_enable&&(Ge?e.enable(2960):e.disable(2960),s.stencil_enable=Ge),At=l.stencil_mask,At!==s.stencil_mask&&
(e.stencilMask(At),s.stencil_mask=At),we=Ot[0],Bt=Ot[1],X=Ot[2],(we!==ge[0]||Bt!==ge[1]||X!==ge[2])&&(e.stencilFunc(we,Bt,
X),ge[0]=we,ge[1]=Bt,ge[2]=X),me=U[0],Rl=U[1],ll=U[2],Vt=U[3],(me!==ue[0]||Rl!==ue[1]||ll!==ue[2]||Vt!==ue[3])&&(e.stencilOpSeparate(
me,Rl,ll,Vt),ue[0]=me,ue[1]=Rl,ue[2]=ll,ue[3]=Vt),Bl=et[0],j=et[1],fi=et[2],Z=et[3],(Bl!==xl[0]||j!==xl[1]||fi!==xl[2]||
Z!==xl[3])&&(e.stencilOpSeparate(Bl,j,fi,Z),xl[0]=Bl,xl[1]=j,xl[2]=fi,xl[3]=Z),Vl=l.scissor_enable,Vl!==s.scissor_enable&&
(Vl?e.enable(3089):e.disable(3089),s.scissor_enable=Vl),ki=bl[0],Ci=bl[1],Mi=bl[2],qi=bl[3],(ki!==Al[0]||Ci!==Al[1]||Mi!==
Al[2]||qi!==Al[3])&&(e.scissor(ki,Ci,Mi,qi),Al[0]=ki,Al[1]=Ci,Al[2]=Mi,Al[3]=qi),ai=Fl[0],xi=Fl[1],vl=Fl[2],Li=Fl[3],(ai!==
Kl[0]||xi!==Kl[1]||vl!==Kl[2]||Li!==Kl[3])&&(e.viewport(ai,xi,vl,Li),Kl[0]=ai,Kl[1]=xi,Kl[2]=vl,Kl[3]=Li)}ve?e.enable(3042):
e.disable(3042),s.blend_enable=ve,e.blendFuncSeparate(770,771,1,771),qt[0]=770,qt[1]=771,qt[2]=1,qt[3]=771,Ki?e.enable(2929):
e.disable(2929),s.depth_enable=Ki,x=s.profile,x&&(jl=performance.now(),Tl.count++),e.useProgram(qe.program),a.setVAO(null),
B=mt.call(this,i,c,0),r.buffer=B,m=!1,k=1,Ie=0,Y=0,Me=0,fe=0,Oe=null,Ut=0,$=!1,g=5126,st=0,Ht=0,Le=0,Te(r)?(m=!0,Oe=N.createStream(
34962,r),g=Oe.dtype):(Oe=N.getBuffer(r),Oe?g=Oe.dtype:"constant"in r?(k=2,typeof r.constant=="number"?(Ie=r.constant,Y=Me=
fe=0):(Ie=r.constant.length>0?r.constant[0]:0,Y=r.constant.length>1?r.constant[1]:0,Me=r.constant.length>2?r.constant[2]:
0,fe=r.constant.length>3?r.constant[3]:0)):(Te(r.buffer)?Oe=N.createStream(34962,r.buffer):Oe=N.getBuffer(r.buffer),g="t\
ype"in r?Pl[r.type]:Oe.dtype,$=!!r.normalized,Ut=r.size|0,st=r.offset|0,Ht=r.stride|0,Le=r.divisor|0)),W=dt.location,T=Jl[W],
k===1?(T.buffer||e.enableVertexAttribArray(W),rl=Ut||2,(T.type!==g||T.size!==rl||T.buffer!==Oe||T.normalized!==$||T.offset!==
st||T.stride!==Ht)&&(e.bindBuffer(34962,Oe.buffer),e.vertexAttribPointer(W,rl,g,$,Ht,st),T.type=g,T.size=rl,T.buffer=Oe,
T.normalized=$,T.offset=st,T.stride=Ht)):(T.buffer&&(e.disableVertexAttribArray(W),T.buffer=null),(T.x!==Ie||T.y!==Y||T.
z!==Me||T.w!==fe)&&(e.vertexAttrib4f(W,Ie,Y,Me,fe),T.x=Ie,T.y=Y,T.z=Me,T.w=fe)),Kt=A.call(this,i,c,0),e.uniform1f(Oi.location,
Kt),hl=Ni.call(this,i,c,0),e.uniform1f(Ti.location,hl),dl=q.call(this,i,c,0),dl&&dl._reglType==="framebuffer"&&(dl=dl.color[0]),
gt=dl._texture,e.uniform1i(_i.location,gt.bind()),de=Ji.call(this,i,c,0),e.uniform1f($i.location,de),Ul=ji.call(this,i,c,
0),e.uniform1f(Fe.location,Ul),Rt=ri.call(this,i,c,0),e.uniform1f(Zi.location,Rt),Xl=jt.call(this,i,c,0),e.uniform1f(ct.
location,Xl),pl=Qi.call(this,i,c,0),pl&&pl._reglType==="framebuffer"&&(pl=pl.color[0]),_l=pl._texture,e.uniform1i(ci.location,
_l.bind()),ut=Be.call(this,i,c,0),e.uniform1f(V.location,ut),Ll=O.call(this,i,c,0),e.uniform1f(Pi.location,Ll),e.uniform1f(
J.location,2),bt=ke.call(this,i,c,0),e.uniform1f(G.location,bt),Tt=Ve.call(this,i,c,0),e.uniform1f(lt.location,Tt),ii=wl.
call(this,i,c,0),e.uniform1f(Q.location,ii),Yl=hi.call(this,i,c,0),e.uniform1f(Di.location,Yl),yl=Vi.call(this,i,c,0),e.
uniform1f(Hi.location,yl),Nl=ti.call(this,i,c,0),e.uniform1f(Ii.location,Nl),I=pi.call(this,i,c,0),e.uniform1f(di.location,
I),ni=Wl.call(this,i,c,0),e.uniform1f(Wi.location,ni),L=Ei.call(this,i,c,0),e.uniformMatrix4fv(yi.location,!1,Array.isArray(
L)||L instanceof Float32Array?L:(le[0]=L[0],le[1]=L[1],le[2]=L[2],le[3]=L[3],le[4]=L[4],le[5]=L[5],le[6]=L[6],le[7]=L[7],
le[8]=L[8],le[9]=L[9],le[10]=L[10],le[11]=L[11],le[12]=L[12],le[13]=L[13],le[14]=L[14],le[15]=L[15],le)),e.uniform1f(mi.
location,4),pe=ui.call(this,i,c,0),e.uniform1f(Ri.location,pe),Gl=si.call(this,i,c,0),e.uniform1f(Ai.location,Gl),ei=wi.
call(this,i,c,0),e.uniform1f(zi.location,ei),Zl=Se.call(this,i,c,0),e.uniform1f(ze.location,Zl),$l=ht.call(this,i,c,0),e.
uniform1f(Wt.location,$l),wt=Re.call(this,i,c,0),e.uniform1f(We.location,wt),sl=Fi.call(this,i,c,0),e.uniform1f(ml.location,
sl),he=Dl.call(this,i,c,0),he&&he._reglType==="framebuffer"&&(he=he.color[0]),el=he._texture,e.uniform1i(Dt.location,el.
bind()),ie=y.elements,ie?e.bindBuffer(34963,ie.buffer.buffer):a.currentVAO&&(ie=z.getElements(a.currentVAO.elements),ie&&
e.bindBuffer(34963,ie.buffer.buffer)),Xt=y.offset,je=h.call(this,i,c,0),je&&(ie?e.drawElements(0,je,ie.type,Xt<<(ie.type-
5121>>1)):e.drawArrays(0,Xt,je),s.dirty=!0,a.setVAO(null),x&&(Tl.cpuTime+=performance.now()-jl),m&&N.destroyStream(Oe),gt.
unbind(),_l.unbind(),el.unbind())},scope:function(c,w,x){var jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,
Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,
tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui,vi;jl=l.blend_enable,
l.blend_enable=Je,B=ce[0],ce[0]=Gt,m=ce[1],ce[1]=Xe,k=ce[2],ce[2]=C,Ie=ce[3],ce[3]=Si,Y=l.depth_enable,l.depth_enable=cl,
Me=s.profile,Me&&(fe=performance.now(),Tl.count++),Oe=h.call(this,i,c,x),Ut=y.count,y.count=Oe,$=y.primitive,y.primitive=
S,g=f[El],f[El]=2,st=f[It],f[It]=4,Ht=A.call(this,i,c,x),Le=f[_t],f[_t]=Ht,W=Ce.call(this,i,c,x),T=f[Qe],f[Qe]=W,rl=Ei.call(
this,i,c,x),Kt=f[Il],f[Il]=rl,hl=Lt.call(this,i,c,x),dl=f[te],f[te]=hl,gt=ht.call(this,i,c,x),de=f[xe],f[xe]=gt,Ul=Qi.call(
this,i,c,x),Rt=f[se],f[se]=Ul,Xl=O.call(this,i,c,x),pl=f[il],f[il]=Xl,_l=Be.call(this,i,c,x),ut=f[pt],f[pt]=_l,Ll=wi.call(
this,i,c,x),bt=f[at],f[at]=Ll,Tt=Se.call(this,i,c,x),ii=f[yt],f[yt]=Tt,Yl=Re.call(this,i,c,x),yl=f[Ke],f[Ke]=Yl,Nl=q.call(
this,i,c,x),I=f[Ye],f[Ye]=Nl,ni=ji.call(this,i,c,x),L=f[Ne],f[Ne]=ni,pe=Ji.call(this,i,c,x),Gl=f[rt],f[rt]=pe,ei=Dl.call(
this,i,c,x),Zl=f[Ol],f[Ol]=ei,$l=Cl.call(this,i,c,x),wt=f[Jt],f[Jt]=$l,sl=Ml.call(this,i,c,x),he=f[Mt],f[Mt]=sl,el=Ve.call(
this,i,c,x),ie=f[ye],f[ye]=el,Xt=ke.call(this,i,c,x),je=f[nl],f[nl]=Xt,zt=Vi.call(this,i,c,x),Yt=f[Ft],f[Ft]=zt,tt=hi.call(
this,i,c,x),ot=f[Nt],f[Nt]=tt,Pe=wl.call(this,i,c,x),H=f[Qt],f[Qt]=Pe,He=Wl.call(this,i,c,x),ae=f[De],f[De]=He,_e=pi.call(
this,i,c,x),Zt=f[Ct],f[Ct]=_e,ee=ti.call(this,i,c,x),ne=f[Ze],f[Ze]=ee,Ae=Ni.call(this,i,c,x),tl=f[v],f[v]=Ae,xt=si.call(
this,i,c,x),M=f[oe],f[oe]=xt,E=ui.call(this,i,c,x),Et=f[li],f[li]=E,ol=Fi.call(this,i,c,x),kl=f[gl],f[gl]=ol,$t=jt.call(
this,i,c,x),vt=f[zl],f[zl]=$t,$e=ri.call(this,i,c,x),Hl=f[o],f[o]=$e,St=mt.call(this,i,c,x),r.buffer=St,Ue=!1,Ge=1,At=0,
we=0,Bt=0,X=0,me=null,Rl=0,ll=!1,Vt=5126,Bl=0,j=0,fi=0,Te(r)?(Ue=!0,me=N.createStream(34962,r),Vt=me.dtype):(me=N.getBuffer(
r),me?Vt=me.dtype:"constant"in r?(Ge=2,typeof r.constant=="number"?(At=r.constant,we=Bt=X=0):(At=r.constant.length>0?r.constant[0]:
0,we=r.constant.length>1?r.constant[1]:0,Bt=r.constant.length>2?r.constant[2]:0,X=r.constant.length>3?r.constant[3]:0)):
(Te(r.buffer)?me=N.createStream(34962,r.buffer):me=N.getBuffer(r.buffer),Vt="type"in r?Pl[r.type]:me.dtype,ll=!!r.normalized,
Rl=r.size|0,Bl=r.offset|0,j=r.stride|0,fi=r.divisor|0)),Z=n.state,n.state=Ge,Vl=n.x,n.x=At,ki=n.y,n.y=we,Ci=n.z,n.z=Bt,Mi=
n.w,n.w=X,qi=n.buffer,n.buffer=me,ai=n.size,n.size=Rl,xi=n.normalized,n.normalized=ll,vl=n.type,n.type=Vt,Li=n.offset,n.
offset=Bl,Bi=n.stride,n.stride=j,Yi=n.divisor,n.divisor=fi,Ui=oi.vert,oi.vert=R,vi=oi.frag,oi.frag=F,s.dirty=!0,w(i,c,x),
l.blend_enable=jl,ce[0]=B,ce[1]=m,ce[2]=k,ce[3]=Ie,l.depth_enable=Y,Me&&(Tl.cpuTime+=performance.now()-fe),y.count=Ut,y.
primitive=$,f[El]=g,f[It]=st,f[_t]=Le,f[Qe]=T,f[Il]=Kt,f[te]=dl,f[xe]=de,f[se]=Rt,f[il]=pl,f[pt]=ut,f[at]=bt,f[yt]=ii,f[Ke]=
yl,f[Ye]=I,f[Ne]=L,f[rt]=Gl,f[Ol]=Zl,f[Jt]=wt,f[Mt]=he,f[ye]=ie,f[nl]=je,f[Ft]=Yt,f[Nt]=ot,f[Qt]=H,f[De]=ae,f[Ct]=Zt,f[Ze]=
ne,f[v]=tl,f[oe]=M,f[li]=Et,f[gl]=kl,f[zl]=vt,f[o]=Hl,Ue&&N.destroyStream(me),n.state=Z,n.x=Vl,n.y=ki,n.z=Ci,n.w=Mi,n.buffer=
qi,n.size=ai,n.normalized=xi,n.type=vl,n.offset=Li,n.stride=Bi,n.divisor=Yi,oi.vert=Ui,oi.frag=vi,s.dirty=!0},batch:function(c,w){
var x,jl,B,m,k;if(x=ul.next,x!==ul.cur&&(x?e.bindFramebuffer(36160,x.framebuffer):e.bindFramebuffer(36160,null),ul.cur=x),
s.dirty){var Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,
Zl,$l,wt,sl,he,el,ie,Xt,je,zt;Ie=l.dither,Ie!==s.dither&&(Ie?e.enable(3024):e.disable(3024),s.dither=Ie),Y=K[0],Me=K[1],
fe=K[2],Oe=K[3],(Y!==D[0]||Me!==D[1]||fe!==D[2]||Oe!==D[3])&&(e.blendColor(Y,Me,fe,Oe),D[0]=Y,D[1]=Me,D[2]=fe,D[3]=Oe),Ut=
nt[0],$=nt[1],(Ut!==re[0]||$!==re[1])&&(e.blendEquationSeparate(Ut,$),re[0]=Ut,re[1]=$),g=l.depth_func,g!==s.depth_func&&
(e.depthFunc(g),s.depth_func=g),st=ql[0],Ht=ql[1],(st!==kt[0]||Ht!==kt[1])&&(e.depthRange(st,Ht),kt[0]=st,kt[1]=Ht),Le=l.
depth_mask,Le!==s.depth_mask&&(e.depthMask(Le),s.depth_mask=Le),W=P[0],T=P[1],rl=P[2],Kt=P[3],(W!==Ee[0]||T!==Ee[1]||rl!==
Ee[2]||Kt!==Ee[3])&&(e.colorMask(W,T,rl,Kt),Ee[0]=W,Ee[1]=T,Ee[2]=rl,Ee[3]=Kt),hl=l.cull_enable,hl!==s.cull_enable&&(hl?
e.enable(2884):e.disable(2884),s.cull_enable=hl),dl=l.cull_face,dl!==s.cull_face&&(e.cullFace(dl),s.cull_face=dl),gt=l.frontFace,
gt!==s.frontFace&&(e.frontFace(gt),s.frontFace=gt),de=l.lineWidth,de!==s.lineWidth&&(e.lineWidth(de),s.lineWidth=de),Ul=
l.polygonOffset_enable,Ul!==s.polygonOffset_enable&&(Ul?e.enable(32823):e.disable(32823),s.polygonOffset_enable=Ul),Rt=fl[0],
Xl=fl[1],(Rt!==Sl[0]||Xl!==Sl[1])&&(e.polygonOffset(Rt,Xl),Sl[0]=Rt,Sl[1]=Xl),pl=l.sample_alpha,pl!==s.sample_alpha&&(pl?
e.enable(32926):e.disable(32926),s.sample_alpha=pl),_l=l.sample_enable,_l!==s.sample_enable&&(_l?e.enable(32928):e.disable(
32928),s.sample_enable=_l),ut=Ql[0],Ll=Ql[1],(ut!==al[0]||Ll!==al[1])&&(e.sampleCoverage(ut,Ll),al[0]=ut,al[1]=Ll),bt=l.
stencil_enable,bt!==s.stencil_enable&&(bt?e.enable(2960):e.disable(2960),s.stencil_enable=bt),Tt=l.stencil_mask,Tt!==s.stencil_mask&&
(e.stencilMask(Tt),s.stencil_mask=Tt),ii=Ot[0],Yl=Ot[1],yl=Ot[2],(ii!==ge[0]||Yl!==ge[1]||yl!==ge[2])&&(e.stencilFunc(ii,
Yl,yl),ge[0]=ii,ge[1]=Yl,ge[2]=yl),Nl=U[0],I=U[1],ni=U[2],L=U[3],(Nl!==ue[0]||I!==ue[1]||ni!==ue[2]||L!==ue[3])&&(e.stencilOpSeparate(
Nl,I,ni,L),ue[0]=Nl,ue[1]=I,ue[2]=ni,ue[3]=L),pe=et[0],Gl=et[1],ei=et[2],Zl=et[3],(pe!==xl[0]||Gl!==xl[1]||ei!==xl[2]||Zl!==
xl[3])&&(e.stencilOpSeparate(pe,Gl,ei,Zl),xl[0]=pe,xl[1]=Gl,xl[2]=ei,xl[3]=Zl),$l=l.scissor_enable,$l!==s.scissor_enable&&
($l?e.enable(3089):e.disable(3089),s.scissor_enable=$l),wt=bl[0],sl=bl[1],he=bl[2],el=bl[3],(wt!==Al[0]||sl!==Al[1]||he!==
Al[2]||el!==Al[3])&&(e.scissor(wt,sl,he,el),Al[0]=wt,Al[1]=sl,Al[2]=he,Al[3]=el),ie=Fl[0],Xt=Fl[1],je=Fl[2],zt=Fl[3],(ie!==
Kl[0]||Xt!==Kl[1]||je!==Kl[2]||zt!==Kl[3])&&(e.viewport(ie,Xt,je,zt),Kl[0]=ie,Kl[1]=Xt,Kl[2]=je,Kl[3]=zt)}p?e.enable(3042):
e.disable(3042),s.blend_enable=p,e.blendFuncSeparate(770,771,1,771),qt[0]=770,qt[1]=771,qt[2]=1,qt[3]=771,t?e.enable(2929):
e.disable(2929),s.depth_enable=t,jl=s.profile,jl&&(B=performance.now(),Tl.count+=w),e.useProgram(qe.program);var Yt,tt,ot,
Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,
vl,Li,Bi,Yi,Ui;for(a.setVAO(null),Yt=mt.call(this,i,k,m),r.buffer=Yt,tt=!1,ot=1,Pe=0,H=0,He=0,ae=0,_e=null,Zt=0,ee=!1,ne=
5126,Ae=0,tl=0,xt=0,Te(r)?(tt=!0,_e=N.createStream(34962,r),ne=_e.dtype):(_e=N.getBuffer(r),_e?ne=_e.dtype:"constant"in r?
(ot=2,typeof r.constant=="number"?(Pe=r.constant,H=He=ae=0):(Pe=r.constant.length>0?r.constant[0]:0,H=r.constant.length>
1?r.constant[1]:0,He=r.constant.length>2?r.constant[2]:0,ae=r.constant.length>3?r.constant[3]:0)):(Te(r.buffer)?_e=N.createStream(
34962,r.buffer):_e=N.getBuffer(r.buffer),ne="type"in r?Pl[r.type]:_e.dtype,ee=!!r.normalized,Zt=r.size|0,Ae=r.offset|0,tl=
r.stride|0,xt=r.divisor|0)),M=dt.location,E=Jl[M],ot===1?(E.buffer||e.enableVertexAttribArray(M),Et=Zt||2,(E.type!==ne||
E.size!==Et||E.buffer!==_e||E.normalized!==ee||E.offset!==Ae||E.stride!==tl)&&(e.bindBuffer(34962,_e.buffer),e.vertexAttribPointer(
M,Et,ne,ee,tl,Ae),E.type=ne,E.size=Et,E.buffer=_e,E.normalized=ee,E.offset=Ae,E.stride=tl)):(E.buffer&&(e.disableVertexAttribArray(
M),E.buffer=null),(E.x!==Pe||E.y!==H||E.z!==He||E.w!==ae)&&(e.vertexAttrib4f(M,Pe,H,He,ae),E.x=Pe,E.y=H,E.z=He,E.w=ae)),
ol=A.call(this,i,k,m),e.uniform1f(Oi.location,ol),kl=Ni.call(this,i,k,m),e.uniform1f(Ti.location,kl),$t=q.call(this,i,k,
m),$t&&$t._reglType==="framebuffer"&&($t=$t.color[0]),vt=$t._texture,e.uniform1i(_i.location,vt.bind()),$e=Ji.call(this,
i,k,m),e.uniform1f($i.location,$e),Hl=ji.call(this,i,k,m),e.uniform1f(Fe.location,Hl),St=ri.call(this,i,k,m),e.uniform1f(
Zi.location,St),Ue=jt.call(this,i,k,m),e.uniform1f(ct.location,Ue),Ge=Qi.call(this,i,k,m),Ge&&Ge._reglType==="framebuffe\
r"&&(Ge=Ge.color[0]),At=Ge._texture,e.uniform1i(ci.location,At.bind()),we=Be.call(this,i,k,m),e.uniform1f(V.location,we),
Bt=O.call(this,i,k,m),e.uniform1f(Pi.location,Bt),e.uniform1f(J.location,2),X=ke.call(this,i,k,m),e.uniform1f(G.location,
X),me=Ve.call(this,i,k,m),e.uniform1f(lt.location,me),Rl=wl.call(this,i,k,m),e.uniform1f(Q.location,Rl),ll=hi.call(this,
i,k,m),e.uniform1f(Di.location,ll),Vt=Vi.call(this,i,k,m),e.uniform1f(Hi.location,Vt),Bl=ti.call(this,i,k,m),e.uniform1f(
Ii.location,Bl),j=pi.call(this,i,k,m),e.uniform1f(di.location,j),fi=Wl.call(this,i,k,m),e.uniform1f(Wi.location,fi),Z=Ei.
call(this,i,k,m),e.uniformMatrix4fv(yi.location,!1,Array.isArray(Z)||Z instanceof Float32Array?Z:(u[0]=Z[0],u[1]=Z[1],u[2]=
Z[2],u[3]=Z[3],u[4]=Z[4],u[5]=Z[5],u[6]=Z[6],u[7]=Z[7],u[8]=Z[8],u[9]=Z[9],u[10]=Z[10],u[11]=Z[11],u[12]=Z[12],u[13]=Z[13],
u[14]=Z[14],u[15]=Z[15],u)),e.uniform1f(mi.location,4),Vl=ui.call(this,i,k,m),e.uniform1f(Ri.location,Vl),ki=si.call(this,
i,k,m),e.uniform1f(Ai.location,ki),Ci=wi.call(this,i,k,m),e.uniform1f(zi.location,Ci),Mi=Se.call(this,i,k,m),e.uniform1f(
ze.location,Mi),qi=ht.call(this,i,k,m),e.uniform1f(Wt.location,qi),ai=Re.call(this,i,k,m),e.uniform1f(We.location,ai),xi=
Fi.call(this,i,k,m),e.uniform1f(ml.location,xi),vl=Dl.call(this,i,k,m),vl&&vl._reglType==="framebuffer"&&(vl=vl.color[0]),
Li=vl._texture,e.uniform1i(Dt.location,Li.bind()),Bi=y.elements,Bi?e.bindBuffer(34963,Bi.buffer.buffer):a.currentVAO&&(Bi=
z.getElements(a.currentVAO.elements),Bi&&e.bindBuffer(34963,Bi.buffer.buffer)),Yi=y.offset,Ui=h.call(this,i,k,m),m=0;m<w;++m)
k=c[m],Ui&&(Bi?e.drawElements(0,Ui,Bi.type,Yi<<(Bi.type-5121>>1)):e.drawArrays(0,Yi,Ui));tt&&N.destroyStream(_e),vt.unbind(),
At.unbind(),Li.unbind(),s.dirty=!0,a.setVAO(null),jl&&(Tl.cpuTime+=performance.now()-B)}}},a3970baf1d8cac9305ee830c7026550387343d4dde2353dd86a4d082c97d3470:function(_,Tl,ve,Ki){
"use strict";var qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,
pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi;return qe=_.gl,mt=_.context,dt=_.strings,Oi=_.next,A=_.current,Ti=_.draw,Ni=_.elements,
_i=_.buffer,q=_.shader,$i=_.attributes,Ji=_.vao,Fe=_.uniforms,ji=_.framebuffer,Zi=_.extensions,ri=_.timer,ct=_.isBufferArgs,
jt=Oi.blend_color,ci=A.blend_color,Qi=Oi.blend_equation,V=A.blend_equation,Be=Oi.blend_func,Pi=A.blend_func,O=Oi.depth_range,
J=A.depth_range,G=Oi.colorMask,ke=A.colorMask,lt=Oi.polygonOffset_offset,Ve=A.polygonOffset_offset,Q=Oi.sample_coverage,
wl=A.sample_coverage,Di=Oi.stencil_func,hi=A.stencil_func,Hi=Oi.stencil_opFront,Vi=A.stencil_opFront,Ii=Oi.stencil_opBack,
ti=A.stencil_opBack,di=Oi.scissor_box,pi=A.scissor_box,Wi=Oi.viewport,Wl=A.viewport,yi={points:0,point:0,lines:1,line:1,
triangles:4,triangle:4,"line loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},Ei={never:512,less:513,"<":513,
equal:514,"=":514,"==":514,"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,
">=":518,always:519},mi={0:0,1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src a\
lpha":771,"dst color":774,"one minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"on\
e minus constant color":32770,"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Ri={add:32774,
subtract:32778,"reverse subtract":32779},ui={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment \
wrap":34055,"decrement wrap":34056,invert:5386},Ai={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,
float32:5126},si={cw:2304,ccw:2305},zi={},wi={},{draw:function(ze){var Se,Wt,ht,We,Re,ml,Fi,Dt;if(Se=ji.next,Se!==ji.cur&&
(Se?qe.bindFramebuffer(36160,Se.framebuffer):qe.bindFramebuffer(36160,null),ji.cur=Se),A.dirty){var Dl,h,Je,Gt,Xe,C,Si,cl,
S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,
e,i,d;Dl=Oi.dither,Dl!==A.dither&&(Dl?qe.enable(3024):qe.disable(3024),A.dither=Dl),h=Oi.blend_enable,h!==A.blend_enable&&
(h?qe.enable(3042):qe.disable(3042),A.blend_enable=h),Je=jt[0],Gt=jt[1],Xe=jt[2],C=jt[3],(Je!==ci[0]||Gt!==ci[1]||Xe!==ci[2]||
C!==ci[3])&&(qe.blendColor(Je,Gt,Xe,C),ci[0]=Je,ci[1]=Gt,ci[2]=Xe,ci[3]=C),Si=Qi[0],cl=Qi[1],(Si!==V[0]||cl!==V[1])&&(qe.
blendEquationSeparate(Si,cl),V[0]=Si,V[1]=cl),S=Be[0],El=Be[1],It=Be[2],_t=Be[3],(S!==Pi[0]||El!==Pi[1]||It!==Pi[2]||_t!==
Pi[3])&&(qe.blendFuncSeparate(S,El,It,_t),Pi[0]=S,Pi[1]=El,Pi[2]=It,Pi[3]=_t),Ce=Oi.depth_enable,Ce!==A.depth_enable&&(Ce?
qe.enable(2929):qe.disable(2929),A.depth_enable=Ce),Qe=Oi.depth_func,Qe!==A.depth_func&&(qe.depthFunc(Qe),A.depth_func=Qe),
Il=O[0],Lt=O[1],(Il!==J[0]||Lt!==J[1])&&(qe.depthRange(Il,Lt),J[0]=Il,J[1]=Lt),te=Oi.depth_mask,te!==A.depth_mask&&(qe.depthMask(
te),A.depth_mask=te),xe=G[0],se=G[1],il=G[2],pt=G[3],(xe!==ke[0]||se!==ke[1]||il!==ke[2]||pt!==ke[3])&&(qe.colorMask(xe,
se,il,pt),ke[0]=xe,ke[1]=se,ke[2]=il,ke[3]=pt),at=Oi.cull_enable,at!==A.cull_enable&&(at?qe.enable(2884):qe.disable(2884),
A.cull_enable=at),yt=Oi.cull_face,yt!==A.cull_face&&(qe.cullFace(yt),A.cull_face=yt),Ke=Oi.frontFace,Ke!==A.frontFace&&(qe.
frontFace(Ke),A.frontFace=Ke),Ye=Oi.lineWidth,Ye!==A.lineWidth&&(qe.lineWidth(Ye),A.lineWidth=Ye),Ne=Oi.polygonOffset_enable,
Ne!==A.polygonOffset_enable&&(Ne?qe.enable(32823):qe.disable(32823),A.polygonOffset_enable=Ne),rt=lt[0],Ol=lt[1],(rt!==Ve[0]||
Ol!==Ve[1])&&(qe.polygonOffset(rt,Ol),Ve[0]=rt,Ve[1]=Ol),Cl=Oi.sample_alpha,Cl!==A.sample_alpha&&(Cl?qe.enable(32926):qe.
disable(32926),A.sample_alpha=Cl),Jt=Oi.sample_enable,Jt!==A.sample_enable&&(Jt?qe.enable(32928):qe.disable(32928),A.sample_enable=
Jt),Ml=Q[0],Mt=Q[1],(Ml!==wl[0]||Mt!==wl[1])&&(qe.sampleCoverage(Ml,Mt),wl[0]=Ml,wl[1]=Mt),ye=Oi.stencil_enable,ye!==A.stencil_enable&&
(ye?qe.enable(2960):qe.disable(2960),A.stencil_enable=ye),nl=Oi.stencil_mask,nl!==A.stencil_mask&&(qe.stencilMask(nl),A.
stencil_mask=nl),Ft=Di[0],Nt=Di[1],Qt=Di[2],(Ft!==hi[0]||Nt!==hi[1]||Qt!==hi[2])&&(qe.stencilFunc(Ft,Nt,Qt),hi[0]=Ft,hi[1]=
Nt,hi[2]=Qt),De=Hi[0],Ct=Hi[1],Ze=Hi[2],v=Hi[3],(De!==Vi[0]||Ct!==Vi[1]||Ze!==Vi[2]||v!==Vi[3])&&(qe.stencilOpSeparate(De,
Ct,Ze,v),Vi[0]=De,Vi[1]=Ct,Vi[2]=Ze,Vi[3]=v),oe=Ii[0],li=Ii[1],gl=Ii[2],zl=Ii[3],(oe!==ti[0]||li!==ti[1]||gl!==ti[2]||zl!==
ti[3])&&(qe.stencilOpSeparate(oe,li,gl,zl),ti[0]=oe,ti[1]=li,ti[2]=gl,ti[3]=zl),o=Oi.scissor_enable,o!==A.scissor_enable&&
(o?qe.enable(3089):qe.disable(3089),A.scissor_enable=o),n=di[0],R=di[1],F=di[2],p=di[3],(n!==pi[0]||R!==pi[1]||F!==pi[2]||
p!==pi[3])&&(qe.scissor(n,R,F,p),pi[0]=n,pi[1]=R,pi[2]=F,pi[3]=p),t=Wi[0],e=Wi[1],i=Wi[2],d=Wi[3],(t!==Wl[0]||e!==Wl[1]||
i!==Wl[2]||d!==Wl[3])&&(qe.viewport(t,e,i,d),Wl[0]=t,Wl[1]=e,Wl[2]=i,Wl[3]=d),A.dirty=!1}Wt=A.profile,Wt&&(ht=performance.
now(),Tl.count++),We=q.frag,Re=q.vert,ml=q.program(Re,We),qe.useProgram(ml.program),Ji.setVAO(null),Fi=ml.id,Dt=zi[Fi],Dt?
Dt.call(this,ze):(Dt=zi[Fi]=ve(ml),Dt.call(this,ze)),Ji.setVAO(null),Wt&&(Tl.cpuTime+=performance.now()-ht)},scope:function(ze,Se,Wt){
var ht,We;ht=A.profile,ht&&(We=performance.now(),Tl.count++),Se(mt,ze,Wt),ht&&(Tl.cpuTime+=performance.now()-We)},batch:function(ze,Se){
var Wt,ht,We,Re,ml,Fi,Dt,Dl;if(Wt=ji.next,Wt!==ji.cur&&(Wt?qe.bindFramebuffer(36160,Wt.framebuffer):qe.bindFramebuffer(36160,
null),ji.cur=Wt),A.dirty){var h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,
ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l;h=Oi.dither,h!==A.dither&&(h?qe.enable(3024):qe.disable(3024),
A.dither=h),Je=Oi.blend_enable,Je!==A.blend_enable&&(Je?qe.enable(3042):qe.disable(3042),A.blend_enable=Je),Gt=jt[0],Xe=
jt[1],C=jt[2],Si=jt[3],(Gt!==ci[0]||Xe!==ci[1]||C!==ci[2]||Si!==ci[3])&&(qe.blendColor(Gt,Xe,C,Si),ci[0]=Gt,ci[1]=Xe,ci[2]=
C,ci[3]=Si),cl=Qi[0],S=Qi[1],(cl!==V[0]||S!==V[1])&&(qe.blendEquationSeparate(cl,S),V[0]=cl,V[1]=S),El=Be[0],It=Be[1],_t=
Be[2],Ce=Be[3],(El!==Pi[0]||It!==Pi[1]||_t!==Pi[2]||Ce!==Pi[3])&&(qe.blendFuncSeparate(El,It,_t,Ce),Pi[0]=El,Pi[1]=It,Pi[2]=
_t,Pi[3]=Ce),Qe=Oi.depth_enable,Qe!==A.depth_enable&&(Qe?qe.enable(2929):qe.disable(2929),A.depth_enable=Qe),Il=Oi.depth_func,
Il!==A.depth_func&&(qe.depthFunc(Il),A.depth_func=Il),Lt=O[0],te=O[1],(Lt!==J[0]||te!==J[1])&&(qe.depthRange(Lt,te),J[0]=
Lt,J[1]=te),xe=Oi.depth_mask,xe!==A.depth_mask&&(qe.depthMask(xe),A.depth_mask=xe),se=G[0],il=G[1],pt=G[2],at=G[3],(se!==
ke[0]||il!==ke[1]||pt!==ke[2]||at!==ke[3])&&(qe.colorMask(se,il,pt,at),ke[0]=se,ke[1]=il,ke[2]=pt,ke[3]=at),yt=Oi.cull_enable,
yt!==A.cull_enable&&(yt?qe.enable(2884):qe.disable(2884),A.cull_enable=yt),Ke=Oi.cull_face,Ke!==A.cull_face&&(qe.cullFace(
Ke),A.cull_face=Ke),Ye=Oi.frontFace,Ye!==A.frontFace&&(qe.frontFace(Ye),A.frontFace=Ye),Ne=Oi.lineWidth,Ne!==A.lineWidth&&
(qe.lineWidth(Ne),A.lineWidth=Ne),rt=Oi.polygonOffset_enable,rt!==A.polygonOffset_enable&&(rt?qe.enable(32823):qe.disable(
32823),A.polygonOffset_enable=rt),Ol=lt[0],Cl=lt[1],(Ol!==Ve[0]||Cl!==Ve[1])&&(qe.polygonOffset(Ol,Cl),Ve[0]=Ol,Ve[1]=Cl),
Jt=Oi.sample_alpha,Jt!==A.sample_alpha&&(Jt?qe.enable(32926):qe.disable(32926),A.sample_alpha=Jt),Ml=Oi.sample_enable,Ml!==
A.sample_enable&&(Ml?qe.enable(32928):qe.disable(32928),A.sample_enable=Ml),Mt=Q[0],ye=Q[1],(Mt!==wl[0]||ye!==wl[1])&&(qe.
sampleCoverage(Mt,ye),wl[0]=Mt,wl[1]=ye),nl=Oi.stencil_enable,nl!==A.stencil_enable&&(nl?qe.enable(2960):qe.disable(2960),
A.stencil_enable=nl),Ft=Oi.stencil_mask,Ft!==A.stencil_mask&&(qe.stencilMask(Ft),A.stencil_mask=Ft),Nt=Di[0],Qt=Di[1],De=
Di[2],(Nt!==hi[0]||Qt!==hi[1]||De!==hi[2])&&(qe.stencilFunc(Nt,Qt,De),hi[0]=Nt,hi[1]=Qt,hi[2]=De),Ct=Hi[0],Ze=Hi[1],v=Hi[2],
oe=Hi[3],(Ct!==Vi[0]||Ze!==Vi[1]||v!==Vi[2]||oe!==Vi[3])&&(qe.stencilOpSeparate(Ct,Ze,v,oe),Vi[0]=Ct,Vi[1]=Ze,Vi[2]=v,Vi[3]=
oe),li=Ii[0],gl=Ii[1],zl=Ii[2],o=Ii[3],(li!==ti[0]||gl!==ti[1]||zl!==ti[2]||o!==ti[3])&&(qe.stencilOpSeparate(li,gl,zl,o),
ti[0]=li,ti[1]=gl,ti[2]=zl,ti[3]=o),n=Oi.scissor_enable,n!==A.scissor_enable&&(n?qe.enable(3089):qe.disable(3089),A.scissor_enable=
n),R=di[0],F=di[1],p=di[2],t=di[3],(R!==pi[0]||F!==pi[1]||p!==pi[2]||t!==pi[3])&&(qe.scissor(R,F,p,t),pi[0]=R,pi[1]=F,pi[2]=
p,pi[3]=t),e=Wi[0],i=Wi[1],d=Wi[2],l=Wi[3],(e!==Wl[0]||i!==Wl[1]||d!==Wl[2]||l!==Wl[3])&&(qe.viewport(e,i,d,l),Wl[0]=e,Wl[1]=
i,Wl[2]=d,Wl[3]=l),A.dirty=!1}ht=A.profile,ht&&(We=performance.now(),Tl.count+=Se),Re=q.frag,ml=q.vert,Fi=q.program(ml,Re),
qe.useProgram(Fi.program),Ji.setVAO(null),Dt=Fi.id,Dl=wi[Dt],Dl?Dl.call(this,ze,Se):(Dl=wi[Dt]=Ki(Fi),Dl.call(this,ze,Se)),
Ji.setVAO(null),ht&&(Tl.cpuTime+=performance.now()-We)}}},baa070b5fcd3a313c3289ddb1cb1d938e490d774ff2bf9d10359186dbe744ca5:function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl){
"use strict";var o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,
xl,bl,Al,Fl,Kl,Xi,be,ft,Gi;return o=_.gl,n=_.context,R=_.strings,F=_.next,p=_.current,t=_.draw,e=_.elements,i=_.buffer,d=
_.shader,l=_.attributes,s=_.vao,y=_.uniforms,z=_.framebuffer,N=_.extensions,oi=_.timer,Jl=_.isBufferArgs,a=F.blend_color,
f=p.blend_color,ul=F.blend_equation,bi=p.blend_equation,it=F.blend_func,Te=p.blend_func,K=F.depth_range,D=p.depth_range,
nt=F.colorMask,re=p.colorMask,ce=F.polygonOffset_offset,qt=p.polygonOffset_offset,ql=F.sample_coverage,kt=p.sample_coverage,
P=F.stencil_func,Ee=p.stencil_func,fl=F.stencil_opFront,Sl=p.stencil_opFront,Ql=F.stencil_opBack,al=p.stencil_opBack,Ot=
F.scissor_box,ge=p.scissor_box,U=F.viewport,ue=p.viewport,et={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"li\
ne loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},xl={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},bl={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Al={add:32774,subtract:32778,"reverse \
subtract":32779},Fl={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Kl={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
Xi={cw:2304,ccw:2305},be={},be.size=2,ft=new Float32Array(16),Gi=new Float32Array(16),{draw:function(Pt){var Pl,b,r,le,u,
c,w,x,jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L;if(Pl=z.
next,Pl!==z.cur&&(Pl?o.bindFramebuffer(36160,Pl.framebuffer):o.bindFramebuffer(36160,null),z.cur=Pl),p.dirty){var pe,Gl,
ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,
Rl,ll,Vt,Bl;pe=F.dither,pe!==p.dither&&(pe?o.enable(3024):o.disable(3024),p.dither=pe),Gl=a[0],ei=a[1],Zl=a[2],$l=a[3],(Gl!==
f[0]||ei!==f[1]||Zl!==f[2]||$l!==f[3])&&(o.blendColor(Gl,ei,Zl,$l),f[0]=Gl,f[1]=ei,f[2]=Zl,f[3]=$l),wt=ul[0],sl=ul[1],(wt!==
bi[0]||sl!==bi[1])&&(o.blendEquationSeparate(wt,sl),bi[0]=wt,bi[1]=sl),he=F.depth_func,he!==p.depth_func&&(o.depthFunc(he),
p.depth_func=he),el=K[0],ie=K[1],(el!==D[0]||ie!==D[1])&&(o.depthRange(el,ie),D[0]=el,D[1]=ie),Xt=F.depth_mask,Xt!==p.depth_mask&&
(o.depthMask(Xt),p.depth_mask=Xt),je=nt[0],zt=nt[1],Yt=nt[2],tt=nt[3],(je!==re[0]||zt!==re[1]||Yt!==re[2]||tt!==re[3])&&
(o.colorMask(je,zt,Yt,tt),re[0]=je,re[1]=zt,re[2]=Yt,re[3]=tt),ot=F.cull_enable,ot!==p.cull_enable&&(ot?o.enable(2884):o.
disable(2884),p.cull_enable=ot),Pe=F.cull_face,Pe!==p.cull_face&&(o.cullFace(Pe),p.cull_face=Pe),H=F.frontFace,H!==p.frontFace&&
(o.frontFace(H),p.frontFace=H),He=F.lineWidth,He!==p.lineWidth&&(o.lineWidth(He),p.lineWidth=He),ae=F.polygonOffset_enable,
ae!==p.polygonOffset_enable&&(ae?o.enable(32823):o.disable(32823),p.polygonOffset_enable=ae),_e=ce[0],Zt=ce[1],(_e!==qt[0]||
Zt!==qt[1])&&(o.polygonOffset(_e,Zt),qt[0]=_e,qt[1]=Zt),ee=F.sample_alpha,ee!==p.sample_alpha&&(ee?o.enable(32926):o.disable(
32926),p.sample_alpha=ee),ne=F.sample_enable,ne!==p.sample_enable&&(ne?o.enable(32928):o.disable(32928),p.sample_enable=
ne),Ae=ql[0],tl=ql[1],(Ae!==kt[0]||tl!==kt[1])&&(o.sampleCoverage(Ae,tl),kt[0]=Ae,kt[1]=tl),xt=F.stencil_enable,xt!==p.stencil_enable&&
(xt?o.enable(2960):o.disable(2960),p.stencil_enable=xt),M=F.stencil_mask,M!==p.stencil_mask&&(o.stencilMask(M),p.stencil_mask=
M),E=P[0],Et=P[1],ol=P[2],(E!==Ee[0]||Et!==Ee[1]||ol!==Ee[2])&&(o.stencilFunc(E,Et,ol),Ee[0]=E,Ee[1]=Et,Ee[2]=ol),kl=fl[0],
$t=fl[1],vt=fl[2],$e=fl[3],(kl!==Sl[0]||$t!==Sl[1]||vt!==Sl[2]||$e!==Sl[3])&&(o.stencilOpSeparate(kl,$t,vt,$e),Sl[0]=kl,
Sl[1]=$t,Sl[2]=vt,Sl[3]=$e),Hl=Ql[0],St=Ql[1],Ue=Ql[2],Ge=Ql[3],(Hl!==al[0]||St!==al[1]||Ue!==al[2]||Ge!==al[3])&&(o.stencilOpSeparate(
Hl,St,Ue,Ge),al[0]=Hl,al[1]=St,al[2]=Ue,al[3]=Ge),At=F.scissor_enable,At!==p.scissor_enable&&(At?o.enable(3089):o.disable(
3089),p.scissor_enable=At),we=Ot[0],Bt=Ot[1],X=Ot[2],me=Ot[3],(we!==ge[0]||Bt!==ge[1]||X!==ge[2]||me!==ge[3])&&(o.scissor(
we,Bt,X,me),ge[0]=we,ge[1]=Bt,ge[2]=X,ge[3]=me),Rl=U[0],ll=U[1],Vt=U[2],Bl=U[3],(Rl!==ue[0]||ll!==ue[1]||Vt!==ue[2]||Bl!==
ue[3])&&(o.viewport(Rl,ll,Vt,Bl),ue[0]=Rl,ue[1]=ll,ue[2]=Vt,ue[3]=Bl)}ve?o.enable(3042):o.disable(3042),p.blend_enable=ve,
o.blendFuncSeparate(770,771,1,771),Te[0]=770,Te[1]=771,Te[2]=1,Te[3]=771,Ki?o.enable(2929):o.disable(2929),p.depth_enable=
Ki,b=p.profile,b&&(r=performance.now(),Tl.count++),o.useProgram(qe.program),s.setVAO(null),le=mt.call(this,n,Pt,0),be.buffer=
le,u=!1,c=1,w=0,x=0,jl=0,B=0,m=null,k=0,Ie=!1,Y=5126,Me=0,fe=0,Oe=0,Jl(be)?(u=!0,m=i.createStream(34962,be),Y=m.dtype):(m=
i.getBuffer(be),m?Y=m.dtype:"constant"in be?(c=2,typeof be.constant=="number"?(w=be.constant,x=jl=B=0):(w=be.constant.length>
0?be.constant[0]:0,x=be.constant.length>1?be.constant[1]:0,jl=be.constant.length>2?be.constant[2]:0,B=be.constant.length>
3?be.constant[3]:0)):(Jl(be.buffer)?m=i.createStream(34962,be.buffer):m=i.getBuffer(be.buffer),Y="type"in be?Kl[be.type]:
m.dtype,Ie=!!be.normalized,k=be.size|0,Me=be.offset|0,fe=be.stride|0,Oe=be.divisor|0)),Ut=dt.location,$=l[Ut],c===1?($.buffer||
o.enableVertexAttribArray(Ut),g=k||2,($.type!==Y||$.size!==g||$.buffer!==m||$.normalized!==Ie||$.offset!==Me||$.stride!==
fe)&&(o.bindBuffer(34962,m.buffer),o.vertexAttribPointer(Ut,g,Y,Ie,fe,Me),$.type=Y,$.size=g,$.buffer=m,$.normalized=Ie,$.
offset=Me,$.stride=fe)):($.buffer&&(o.disableVertexAttribArray(Ut),$.buffer=null),($.x!==w||$.y!==x||$.z!==jl||$.w!==B)&&
(o.vertexAttrib4f(Ut,w,x,jl,B),$.x=w,$.y=x,$.z=jl,$.w=B)),st=A.call(this,n,Pt,0),o.uniform1f(Oi.location,st),Ht=Ni.call(
this,n,Pt,0),Ht&&Ht._reglType==="framebuffer"&&(Ht=Ht.color[0]),Le=Ht._texture,o.uniform1i(Ti.location,Le.bind()),W=q.call(
this,n,Pt,0),o.uniform1f(_i.location,W),T=Ji.call(this,n,Pt,0),o.uniform1f($i.location,T),rl=ji.call(this,n,Pt,0),o.uniform1f(
Fe.location,rl),Kt=ri.call(this,n,Pt,0),o.uniform1f(Zi.location,Kt),hl=jt.call(this,n,Pt,0),hl&&hl._reglType==="framebuf\
fer"&&(hl=hl.color[0]),dl=hl._texture,o.uniform1i(ct.location,dl.bind()),gt=Qi.call(this,n,Pt,0),o.uniform1f(ci.location,
gt),de=Be.call(this,n,Pt,0),o.uniform1f(V.location,de),o.uniform1f(Pi.location,3),Ul=J.call(this,n,Pt,0),o.uniform1f(O.location,
Ul),Rt=ke.call(this,n,Pt,0),o.uniform1f(G.location,Rt),Xl=Ve.call(this,n,Pt,0),o.uniform1f(lt.location,Xl),pl=wl.call(this,
n,Pt,0),o.uniform1f(Q.location,pl),_l=hi.call(this,n,Pt,0),o.uniform1f(Di.location,_l),ut=Vi.call(this,n,Pt,0),o.uniformMatrix4fv(
Hi.location,!1,Array.isArray(ut)||ut instanceof Float32Array?ut:(ft[0]=ut[0],ft[1]=ut[1],ft[2]=ut[2],ft[3]=ut[3],ft[4]=ut[4],
ft[5]=ut[5],ft[6]=ut[6],ft[7]=ut[7],ft[8]=ut[8],ft[9]=ut[9],ft[10]=ut[10],ft[11]=ut[11],ft[12]=ut[12],ft[13]=ut[13],ft[14]=
ut[14],ft[15]=ut[15],ft)),o.uniform1f(Ii.location,4),Ll=di.call(this,n,Pt,0),o.uniform1f(ti.location,Ll),bt=Wi.call(this,
n,Pt,0),o.uniform1f(pi.location,bt),Tt=yi.call(this,n,Pt,0),o.uniform1f(Wl.location,Tt),ii=mi.call(this,n,Pt,0),o.uniform1f(
Ei.location,ii),Yl=ui.call(this,n,Pt,0),o.uniform1f(Ri.location,Yl),yl=si.call(this,n,Pt,0),yl&&yl._reglType==="framebuf\
fer"&&(yl=yl.color[0]),Nl=yl._texture,o.uniform1i(Ai.location,Nl.bind()),I=t.elements,I?o.bindBuffer(34963,I.buffer.buffer):
s.currentVAO&&(I=e.getElements(s.currentVAO.elements),I&&o.bindBuffer(34963,I.buffer.buffer)),ni=t.offset,L=zi.call(this,
n,Pt,0),L&&(I?o.drawElements(0,L,I.type,ni<<(I.type-5121>>1)):o.drawArrays(0,ni,L),p.dirty=!0,s.setVAO(null),b&&(Tl.cpuTime+=
performance.now()-r),u&&i.destroyStream(m),Le.unbind(),dl.unbind(),Nl.unbind())},scope:function(Pt,Pl,b){var r,le,u,c,w,
x,jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,
$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,
Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi;r=F.blend_enable,F.blend_enable=wi,le=it[0],it[0]=ze,u=it[1],it[1]=Se,c=it[2],it[2]=Wt,
w=it[3],it[3]=ht,x=F.depth_enable,F.depth_enable=We,jl=p.profile,jl&&(B=performance.now(),Tl.count++),m=zi.call(this,n,Pt,
b),k=t.count,t.count=m,Ie=t.primitive,t.primitive=Re,Y=y[ml],y[ml]=3,Me=y[Fi],y[Fi]=4,fe=Dt.call(this,n,Pt,b),Oe=y[Dl],y[Dl]=
fe,Ut=h.call(this,n,Pt,b),$=y[Je],y[Je]=Ut,g=Vi.call(this,n,Pt,b),st=y[Gt],y[Gt]=g,Ht=Xe.call(this,n,Pt,b),Le=y[C],y[C]=
Ht,W=yi.call(this,n,Pt,b),T=y[Si],y[Si]=W,rl=jt.call(this,n,Pt,b),Kt=y[cl],y[cl]=rl,hl=Be.call(this,n,Pt,b),dl=y[S],y[S]=
hl,gt=Qi.call(this,n,Pt,b),de=y[El],y[El]=gt,Ul=di.call(this,n,Pt,b),Rt=y[It],y[It]=Ul,Xl=Wi.call(this,n,Pt,b),pl=y[_t],
y[_t]=Xl,_l=mi.call(this,n,Pt,b),ut=y[Ce],y[Ce]=_l,Ll=Ni.call(this,n,Pt,b),bt=y[Qe],y[Qe]=Ll,Tt=Ji.call(this,n,Pt,b),ii=
y[Il],y[Il]=Tt,Yl=q.call(this,n,Pt,b),yl=y[Lt],y[Lt]=Yl,Nl=si.call(this,n,Pt,b),I=y[te],y[te]=Nl,ni=xe.call(this,n,Pt,b),
L=y[se],y[se]=ni,pe=il.call(this,n,Pt,b),Gl=y[pt],y[pt]=pe,ei=ke.call(this,n,Pt,b),Zl=y[at],y[at]=ei,$l=J.call(this,n,Pt,
b),wt=y[yt],y[yt]=$l,sl=Ke.call(this,n,Pt,b),he=y[Ye],y[Ye]=sl,el=Ne.call(this,n,Pt,b),ie=y[rt],y[rt]=el,Xt=Ol.call(this,
n,Pt,b),je=y[Cl],y[Cl]=Xt,zt=hi.call(this,n,Pt,b),Yt=y[Jt],y[Jt]=zt,tt=wl.call(this,n,Pt,b),ot=y[Ml],y[Ml]=tt,Pe=Ve.call(
this,n,Pt,b),H=y[Mt],y[Mt]=Pe,He=A.call(this,n,Pt,b),ae=y[ye],y[ye]=He,_e=nl.call(this,n,Pt,b),Zt=y[Ft],y[Ft]=_e,ee=Nt.call(
this,n,Pt,b),ne=y[Qt],y[Qt]=ee,Ae=ui.call(this,n,Pt,b),tl=y[De],y[De]=Ae,xt=ri.call(this,n,Pt,b),M=y[Ct],y[Ct]=xt,E=ji.call(
this,n,Pt,b),Et=y[Ze],y[Ze]=E,ol=mt.call(this,n,Pt,b),be.buffer=ol,kl=!1,$t=1,vt=0,$e=0,Hl=0,St=0,Ue=null,Ge=0,At=!1,we=
5126,Bt=0,X=0,me=0,Jl(be)?(kl=!0,Ue=i.createStream(34962,be),we=Ue.dtype):(Ue=i.getBuffer(be),Ue?we=Ue.dtype:"constant"in
be?($t=2,typeof be.constant=="number"?(vt=be.constant,$e=Hl=St=0):(vt=be.constant.length>0?be.constant[0]:0,$e=be.constant.
length>1?be.constant[1]:0,Hl=be.constant.length>2?be.constant[2]:0,St=be.constant.length>3?be.constant[3]:0)):(Jl(be.buffer)?
Ue=i.createStream(34962,be.buffer):Ue=i.getBuffer(be.buffer),we="type"in be?Kl[be.type]:Ue.dtype,At=!!be.normalized,Ge=be.
size|0,Bt=be.offset|0,X=be.stride|0,me=be.divisor|0)),Rl=v.state,v.state=$t,ll=v.x,v.x=vt,Vt=v.y,v.y=$e,Bl=v.z,v.z=Hl,j=
v.w,v.w=St,fi=v.buffer,v.buffer=Ue,Z=v.size,v.size=Ge,Vl=v.normalized,v.normalized=At,ki=v.type,v.type=we,Ci=v.offset,v.
offset=Bt,Mi=v.stride,v.stride=X,qi=v.divisor,v.divisor=me,ai=d.vert,d.vert=oe,xi=d.frag,d.frag=li,p.dirty=!0,Pl(n,Pt,b),
F.blend_enable=r,it[0]=le,it[1]=u,it[2]=c,it[3]=w,F.depth_enable=x,jl&&(Tl.cpuTime+=performance.now()-B),t.count=k,t.primitive=
Ie,y[ml]=Y,y[Fi]=Me,y[Dl]=Oe,y[Je]=$,y[Gt]=st,y[C]=Le,y[Si]=T,y[cl]=Kt,y[S]=dl,y[El]=de,y[It]=Rt,y[_t]=pl,y[Ce]=ut,y[Qe]=
bt,y[Il]=ii,y[Lt]=yl,y[te]=I,y[se]=L,y[pt]=Gl,y[at]=Zl,y[yt]=wt,y[Ye]=he,y[rt]=ie,y[Cl]=je,y[Jt]=Yt,y[Ml]=ot,y[Mt]=H,y[ye]=
ae,y[Ft]=Zt,y[Qt]=ne,y[De]=tl,y[Ct]=M,y[Ze]=Et,kl&&i.destroyStream(Ue),v.state=Rl,v.x=ll,v.y=Vt,v.z=Bl,v.w=j,v.buffer=fi,
v.size=Z,v.normalized=Vl,v.type=ki,v.offset=Ci,v.stride=Mi,v.divisor=qi,d.vert=ai,d.frag=xi,p.dirty=!0},batch:function(Pt,Pl){
var b,r,le,u,c;if(b=z.next,b!==z.cur&&(b?o.bindFramebuffer(36160,b.framebuffer):o.bindFramebuffer(36160,null),z.cur=b),p.
dirty){var w,x,jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,
L,pe,Gl,ei,Zl,$l,wt,sl;w=F.dither,w!==p.dither&&(w?o.enable(3024):o.disable(3024),p.dither=w),x=a[0],jl=a[1],B=a[2],m=a[3],
(x!==f[0]||jl!==f[1]||B!==f[2]||m!==f[3])&&(o.blendColor(x,jl,B,m),f[0]=x,f[1]=jl,f[2]=B,f[3]=m),k=ul[0],Ie=ul[1],(k!==bi[0]||
Ie!==bi[1])&&(o.blendEquationSeparate(k,Ie),bi[0]=k,bi[1]=Ie),Y=F.depth_func,Y!==p.depth_func&&(o.depthFunc(Y),p.depth_func=
Y),Me=K[0],fe=K[1],(Me!==D[0]||fe!==D[1])&&(o.depthRange(Me,fe),D[0]=Me,D[1]=fe),Oe=F.depth_mask,Oe!==p.depth_mask&&(o.depthMask(
Oe),p.depth_mask=Oe),Ut=nt[0],$=nt[1],g=nt[2],st=nt[3],(Ut!==re[0]||$!==re[1]||g!==re[2]||st!==re[3])&&(o.colorMask(Ut,$,
g,st),re[0]=Ut,re[1]=$,re[2]=g,re[3]=st),Ht=F.cull_enable,Ht!==p.cull_enable&&(Ht?o.enable(2884):o.disable(2884),p.cull_enable=
Ht),Le=F.cull_face,Le!==p.cull_face&&(o.cullFace(Le),p.cull_face=Le),W=F.frontFace,W!==p.frontFace&&(o.frontFace(W),p.frontFace=
W),T=F.lineWidth,T!==p.lineWidth&&(o.lineWidth(T),p.lineWidth=T),rl=F.polygonOffset_enable,rl!==p.polygonOffset_enable&&
(rl?o.enable(32823):o.disable(32823),p.polygonOffset_enable=rl),Kt=ce[0],hl=ce[1],(Kt!==qt[0]||hl!==qt[1])&&(o.polygonOffset(
Kt,hl),qt[0]=Kt,qt[1]=hl),dl=F.sample_alpha,dl!==p.sample_alpha&&(dl?o.enable(32926):o.disable(32926),p.sample_alpha=dl),
gt=F.sample_enable,gt!==p.sample_enable&&(gt?o.enable(32928):o.disable(32928),p.sample_enable=gt),de=ql[0],Ul=ql[1],(de!==
kt[0]||Ul!==kt[1])&&(o.sampleCoverage(de,Ul),kt[0]=de,kt[1]=Ul),Rt=F.stencil_enable,Rt!==p.stencil_enable&&(Rt?o.enable(
2960):o.disable(2960),p.stencil_enable=Rt),Xl=F.stencil_mask,Xl!==p.stencil_mask&&(o.stencilMask(Xl),p.stencil_mask=Xl),
pl=P[0],_l=P[1],ut=P[2],(pl!==Ee[0]||_l!==Ee[1]||ut!==Ee[2])&&(o.stencilFunc(pl,_l,ut),Ee[0]=pl,Ee[1]=_l,Ee[2]=ut),Ll=fl[0],
bt=fl[1],Tt=fl[2],ii=fl[3],(Ll!==Sl[0]||bt!==Sl[1]||Tt!==Sl[2]||ii!==Sl[3])&&(o.stencilOpSeparate(Ll,bt,Tt,ii),Sl[0]=Ll,
Sl[1]=bt,Sl[2]=Tt,Sl[3]=ii),Yl=Ql[0],yl=Ql[1],Nl=Ql[2],I=Ql[3],(Yl!==al[0]||yl!==al[1]||Nl!==al[2]||I!==al[3])&&(o.stencilOpSeparate(
Yl,yl,Nl,I),al[0]=Yl,al[1]=yl,al[2]=Nl,al[3]=I),ni=F.scissor_enable,ni!==p.scissor_enable&&(ni?o.enable(3089):o.disable(
3089),p.scissor_enable=ni),L=Ot[0],pe=Ot[1],Gl=Ot[2],ei=Ot[3],(L!==ge[0]||pe!==ge[1]||Gl!==ge[2]||ei!==ge[3])&&(o.scissor(
L,pe,Gl,ei),ge[0]=L,ge[1]=pe,ge[2]=Gl,ge[3]=ei),Zl=U[0],$l=U[1],wt=U[2],sl=U[3],(Zl!==ue[0]||$l!==ue[1]||wt!==ue[2]||sl!==
ue[3])&&(o.viewport(Zl,$l,wt,sl),ue[0]=Zl,ue[1]=$l,ue[2]=wt,ue[3]=sl)}gl?o.enable(3042):o.disable(3042),p.blend_enable=gl,
o.blendFuncSeparate(770,771,1,771),Te[0]=770,Te[1]=771,Te[2]=1,Te[3]=771,zl?o.enable(2929):o.disable(2929),p.depth_enable=
zl,r=p.profile,r&&(le=performance.now(),Tl.count+=Pl),o.useProgram(qe.program);var he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,
_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z;for(s.setVAO(null),he=mt.call(this,
n,c,u),be.buffer=he,el=!1,ie=1,Xt=0,je=0,zt=0,Yt=0,tt=null,ot=0,Pe=!1,H=5126,He=0,ae=0,_e=0,Jl(be)?(el=!0,tt=i.createStream(
34962,be),H=tt.dtype):(tt=i.getBuffer(be),tt?H=tt.dtype:"constant"in be?(ie=2,typeof be.constant=="number"?(Xt=be.constant,
je=zt=Yt=0):(Xt=be.constant.length>0?be.constant[0]:0,je=be.constant.length>1?be.constant[1]:0,zt=be.constant.length>2?be.
constant[2]:0,Yt=be.constant.length>3?be.constant[3]:0)):(Jl(be.buffer)?tt=i.createStream(34962,be.buffer):tt=i.getBuffer(
be.buffer),H="type"in be?Kl[be.type]:tt.dtype,Pe=!!be.normalized,ot=be.size|0,He=be.offset|0,ae=be.stride|0,_e=be.divisor|
0)),Zt=dt.location,ee=l[Zt],ie===1?(ee.buffer||o.enableVertexAttribArray(Zt),ne=ot||2,(ee.type!==H||ee.size!==ne||ee.buffer!==
tt||ee.normalized!==Pe||ee.offset!==He||ee.stride!==ae)&&(o.bindBuffer(34962,tt.buffer),o.vertexAttribPointer(Zt,ne,H,Pe,
ae,He),ee.type=H,ee.size=ne,ee.buffer=tt,ee.normalized=Pe,ee.offset=He,ee.stride=ae)):(ee.buffer&&(o.disableVertexAttribArray(
Zt),ee.buffer=null),(ee.x!==Xt||ee.y!==je||ee.z!==zt||ee.w!==Yt)&&(o.vertexAttrib4f(Zt,Xt,je,zt,Yt),ee.x=Xt,ee.y=je,ee.z=
zt,ee.w=Yt)),Ae=A.call(this,n,c,u),o.uniform1f(Oi.location,Ae),tl=Ni.call(this,n,c,u),tl&&tl._reglType==="framebuffer"&&
(tl=tl.color[0]),xt=tl._texture,o.uniform1i(Ti.location,xt.bind()),M=q.call(this,n,c,u),o.uniform1f(_i.location,M),E=Ji.
call(this,n,c,u),o.uniform1f($i.location,E),Et=ji.call(this,n,c,u),o.uniform1f(Fe.location,Et),ol=ri.call(this,n,c,u),o.
uniform1f(Zi.location,ol),kl=jt.call(this,n,c,u),kl&&kl._reglType==="framebuffer"&&(kl=kl.color[0]),$t=kl._texture,o.uniform1i(
ct.location,$t.bind()),vt=Qi.call(this,n,c,u),o.uniform1f(ci.location,vt),$e=Be.call(this,n,c,u),o.uniform1f(V.location,
$e),o.uniform1f(Pi.location,3),Hl=J.call(this,n,c,u),o.uniform1f(O.location,Hl),St=ke.call(this,n,c,u),o.uniform1f(G.location,
St),Ue=Ve.call(this,n,c,u),o.uniform1f(lt.location,Ue),Ge=wl.call(this,n,c,u),o.uniform1f(Q.location,Ge),At=hi.call(this,
n,c,u),o.uniform1f(Di.location,At),we=Vi.call(this,n,c,u),o.uniformMatrix4fv(Hi.location,!1,Array.isArray(we)||we instanceof
Float32Array?we:(Gi[0]=we[0],Gi[1]=we[1],Gi[2]=we[2],Gi[3]=we[3],Gi[4]=we[4],Gi[5]=we[5],Gi[6]=we[6],Gi[7]=we[7],Gi[8]=we[8],
Gi[9]=we[9],Gi[10]=we[10],Gi[11]=we[11],Gi[12]=we[12],Gi[13]=we[13],Gi[14]=we[14],Gi[15]=we[15],Gi)),o.uniform1f(Ii.location,
4),Bt=di.call(this,n,c,u),o.uniform1f(ti.location,Bt),X=Wi.call(this,n,c,u),o.uniform1f(pi.location,X),me=yi.call(this,n,
c,u),o.uniform1f(Wl.location,me),Rl=mi.call(this,n,c,u),o.uniform1f(Ei.location,Rl),ll=ui.call(this,n,c,u),o.uniform1f(Ri.
location,ll),Vt=si.call(this,n,c,u),Vt&&Vt._reglType==="framebuffer"&&(Vt=Vt.color[0]),Bl=Vt._texture,o.uniform1i(Ai.location,
Bl.bind()),j=t.elements,j?o.bindBuffer(34963,j.buffer.buffer):s.currentVAO&&(j=e.getElements(s.currentVAO.elements),j&&o.
bindBuffer(34963,j.buffer.buffer)),fi=t.offset,Z=zi.call(this,n,c,u),u=0;u<Pl;++u)c=Pt[u],Z&&(j?o.drawElements(0,Z,j.type,
fi<<(j.type-5121>>1)):o.drawArrays(0,fi,Z));el&&i.destroyStream(tt),xt.unbind(),$t.unbind(),Bl.unbind(),p.dirty=!0,s.setVAO(
null),r&&(Tl.cpuTime+=performance.now()-le)}}},d221aac97ea24d1e2b52602e8b5fe00b2cc5919040dfc4926abd9fae24603116:function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p){
"use strict";var t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,
Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le;return t=_.gl,e=_.context,i=_.strings,d=_.next,l=_.current,s=_.draw,y=_.elements,z=_.buffer,
N=_.shader,oi=_.attributes,Jl=_.vao,a=_.uniforms,f=_.framebuffer,ul=_.extensions,bi=_.timer,it=_.isBufferArgs,Te=d.blend_color,
K=l.blend_color,D=d.blend_equation,nt=l.blend_equation,re=d.blend_func,ce=l.blend_func,qt=d.depth_range,ql=l.depth_range,
kt=d.colorMask,P=l.colorMask,Ee=d.polygonOffset_offset,fl=l.polygonOffset_offset,Sl=d.sample_coverage,Ql=l.sample_coverage,
al=d.stencil_func,Ot=l.stencil_func,ge=d.stencil_opFront,U=l.stencil_opFront,ue=d.stencil_opBack,et=l.stencil_opBack,xl=
d.scissor_box,bl=l.scissor_box,Al=d.viewport,Fl=l.viewport,Kl={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"l\
ine loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},Xi={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},be={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},ft={add:32774,subtract:32778,"reverse \
subtract":32779},Gi={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Pt={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
Pl={cw:2304,ccw:2305},b={},b.size=2,r=new Float32Array(16),le=new Float32Array(16),{draw:function(u){var c,w,x,jl,B,m,k,
Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,
el,ie;if(c=f.next,c!==f.cur&&(c?t.bindFramebuffer(36160,c.framebuffer):t.bindFramebuffer(36160,null),f.cur=c),l.dirty){var Xt,
je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,
Ci,Mi,qi,ai,xi;Xt=d.dither,Xt!==l.dither&&(Xt?t.enable(3024):t.disable(3024),l.dither=Xt),je=Te[0],zt=Te[1],Yt=Te[2],tt=
Te[3],(je!==K[0]||zt!==K[1]||Yt!==K[2]||tt!==K[3])&&(t.blendColor(je,zt,Yt,tt),K[0]=je,K[1]=zt,K[2]=Yt,K[3]=tt),ot=D[0],
Pe=D[1],(ot!==nt[0]||Pe!==nt[1])&&(t.blendEquationSeparate(ot,Pe),nt[0]=ot,nt[1]=Pe),H=d.depth_func,H!==l.depth_func&&(t.
depthFunc(H),l.depth_func=H),He=qt[0],ae=qt[1],(He!==ql[0]||ae!==ql[1])&&(t.depthRange(He,ae),ql[0]=He,ql[1]=ae),_e=d.depth_mask,
_e!==l.depth_mask&&(t.depthMask(_e),l.depth_mask=_e),Zt=kt[0],ee=kt[1],ne=kt[2],Ae=kt[3],(Zt!==P[0]||ee!==P[1]||ne!==P[2]||
Ae!==P[3])&&(t.colorMask(Zt,ee,ne,Ae),P[0]=Zt,P[1]=ee,P[2]=ne,P[3]=Ae),tl=d.cull_enable,tl!==l.cull_enable&&(tl?t.enable(
2884):t.disable(2884),l.cull_enable=tl),xt=d.cull_face,xt!==l.cull_face&&(t.cullFace(xt),l.cull_face=xt),M=d.frontFace,M!==
l.frontFace&&(t.frontFace(M),l.frontFace=M),E=d.lineWidth,E!==l.lineWidth&&(t.lineWidth(E),l.lineWidth=E),Et=d.polygonOffset_enable,
Et!==l.polygonOffset_enable&&(Et?t.enable(32823):t.disable(32823),l.polygonOffset_enable=Et),ol=Ee[0],kl=Ee[1],(ol!==fl[0]||
kl!==fl[1])&&(t.polygonOffset(ol,kl),fl[0]=ol,fl[1]=kl),$t=d.sample_alpha,$t!==l.sample_alpha&&($t?t.enable(32926):t.disable(
32926),l.sample_alpha=$t),vt=d.sample_enable,vt!==l.sample_enable&&(vt?t.enable(32928):t.disable(32928),l.sample_enable=
vt),$e=Sl[0],Hl=Sl[1],($e!==Ql[0]||Hl!==Ql[1])&&(t.sampleCoverage($e,Hl),Ql[0]=$e,Ql[1]=Hl),St=d.stencil_enable,St!==l.stencil_enable&&
(St?t.enable(2960):t.disable(2960),l.stencil_enable=St),Ue=d.stencil_mask,Ue!==l.stencil_mask&&(t.stencilMask(Ue),l.stencil_mask=
Ue),Ge=al[0],At=al[1],we=al[2],(Ge!==Ot[0]||At!==Ot[1]||we!==Ot[2])&&(t.stencilFunc(Ge,At,we),Ot[0]=Ge,Ot[1]=At,Ot[2]=we),
Bt=ge[0],X=ge[1],me=ge[2],Rl=ge[3],(Bt!==U[0]||X!==U[1]||me!==U[2]||Rl!==U[3])&&(t.stencilOpSeparate(Bt,X,me,Rl),U[0]=Bt,
U[1]=X,U[2]=me,U[3]=Rl),ll=ue[0],Vt=ue[1],Bl=ue[2],j=ue[3],(ll!==et[0]||Vt!==et[1]||Bl!==et[2]||j!==et[3])&&(t.stencilOpSeparate(
ll,Vt,Bl,j),et[0]=ll,et[1]=Vt,et[2]=Bl,et[3]=j),fi=d.scissor_enable,fi!==l.scissor_enable&&(fi?t.enable(3089):t.disable(
3089),l.scissor_enable=fi),Z=xl[0],Vl=xl[1],ki=xl[2],Ci=xl[3],(Z!==bl[0]||Vl!==bl[1]||ki!==bl[2]||Ci!==bl[3])&&(t.scissor(
Z,Vl,ki,Ci),bl[0]=Z,bl[1]=Vl,bl[2]=ki,bl[3]=Ci),Mi=Al[0],qi=Al[1],ai=Al[2],xi=Al[3],(Mi!==Fl[0]||qi!==Fl[1]||ai!==Fl[2]||
xi!==Fl[3])&&(t.viewport(Mi,qi,ai,xi),Fl[0]=Mi,Fl[1]=qi,Fl[2]=ai,Fl[3]=xi)}ve?t.enable(3042):t.disable(3042),l.blend_enable=
ve,t.blendFuncSeparate(770,771,1,771),ce[0]=770,ce[1]=771,ce[2]=1,ce[3]=771,Ki?t.enable(2929):t.disable(2929),l.depth_enable=
Ki,w=l.profile,w&&(x=performance.now(),Tl.count++),t.useProgram(qe.program),Jl.setVAO(null),jl=mt.call(this,e,u,0),b.buffer=
jl,B=!1,m=1,k=0,Ie=0,Y=0,Me=0,fe=null,Oe=0,Ut=!1,$=5126,g=0,st=0,Ht=0,it(b)?(B=!0,fe=z.createStream(34962,b),$=fe.dtype):
(fe=z.getBuffer(b),fe?$=fe.dtype:"constant"in b?(m=2,typeof b.constant=="number"?(k=b.constant,Ie=Y=Me=0):(k=b.constant.
length>0?b.constant[0]:0,Ie=b.constant.length>1?b.constant[1]:0,Y=b.constant.length>2?b.constant[2]:0,Me=b.constant.length>
3?b.constant[3]:0)):(it(b.buffer)?fe=z.createStream(34962,b.buffer):fe=z.getBuffer(b.buffer),$="type"in b?Pt[b.type]:fe.
dtype,Ut=!!b.normalized,Oe=b.size|0,g=b.offset|0,st=b.stride|0,Ht=b.divisor|0)),Le=dt.location,W=oi[Le],m===1?(W.buffer||
t.enableVertexAttribArray(Le),T=Oe||2,(W.type!==$||W.size!==T||W.buffer!==fe||W.normalized!==Ut||W.offset!==g||W.stride!==
st)&&(t.bindBuffer(34962,fe.buffer),t.vertexAttribPointer(Le,T,$,Ut,st,g),W.type=$,W.size=T,W.buffer=fe,W.normalized=Ut,
W.offset=g,W.stride=st)):(W.buffer&&(t.disableVertexAttribArray(Le),W.buffer=null),(W.x!==k||W.y!==Ie||W.z!==Y||W.w!==Me)&&
(t.vertexAttrib4f(Le,k,Ie,Y,Me),W.x=k,W.y=Ie,W.z=Y,W.w=Me)),rl=A.call(this,e,u,0),t.uniform1f(Oi.location,rl),Kt=Ni.call(
this,e,u,0),Kt&&Kt._reglType==="framebuffer"&&(Kt=Kt.color[0]),hl=Kt._texture,t.uniform1i(Ti.location,hl.bind()),dl=q.call(
this,e,u,0),t.uniform1f(_i.location,dl),gt=Ji.call(this,e,u,0),t.uniform1f($i.location,gt),de=ji.call(this,e,u,0),t.uniform1f(
Fe.location,de),Ul=ri.call(this,e,u,0),t.uniform1f(Zi.location,Ul),Rt=jt.call(this,e,u,0),Rt&&Rt._reglType==="framebuffe\
r"&&(Rt=Rt.color[0]),Xl=Rt._texture,t.uniform1i(ct.location,Xl.bind()),pl=Qi.call(this,e,u,0),t.uniform1f(ci.location,pl),
_l=Be.call(this,e,u,0),t.uniform1f(V.location,_l),t.uniform1f(Pi.location,0),ut=J.call(this,e,u,0),t.uniform1f(O.location,
ut),Ll=ke.call(this,e,u,0),t.uniform1f(G.location,Ll),bt=Ve.call(this,e,u,0),t.uniform1f(lt.location,bt),Tt=wl.call(this,
e,u,0),t.uniform1f(Q.location,Tt),ii=hi.call(this,e,u,0),t.uniform1f(Di.location,ii),Yl=Vi.call(this,e,u,0),t.uniform1f(
Hi.location,Yl),yl=ti.call(this,e,u,0),t.uniform1f(Ii.location,yl),Nl=pi.call(this,e,u,0),t.uniform1f(di.location,Nl),I=
Wl.call(this,e,u,0),t.uniformMatrix4fv(Wi.location,!1,Array.isArray(I)||I instanceof Float32Array?I:(r[0]=I[0],r[1]=I[1],
r[2]=I[2],r[3]=I[3],r[4]=I[4],r[5]=I[5],r[6]=I[6],r[7]=I[7],r[8]=I[8],r[9]=I[9],r[10]=I[10],r[11]=I[11],r[12]=I[12],r[13]=
I[13],r[14]=I[14],r[15]=I[15],r)),t.uniform1f(yi.location,4),ni=mi.call(this,e,u,0),t.uniform1f(Ei.location,ni),L=ui.call(
this,e,u,0),t.uniform1f(Ri.location,L),pe=si.call(this,e,u,0),t.uniform1f(Ai.location,pe),Gl=wi.call(this,e,u,0),t.uniform1f(
zi.location,Gl),ei=Se.call(this,e,u,0),t.uniform1f(ze.location,ei),Zl=ht.call(this,e,u,0),t.uniform1f(Wt.location,Zl),$l=
Re.call(this,e,u,0),t.uniform1f(We.location,$l),wt=Fi.call(this,e,u,0),wt&&wt._reglType==="framebuffer"&&(wt=wt.color[0]),
sl=wt._texture,t.uniform1i(ml.location,sl.bind()),he=s.elements,he?t.bindBuffer(34963,he.buffer.buffer):Jl.currentVAO&&(he=
y.getElements(Jl.currentVAO.elements),he&&t.bindBuffer(34963,he.buffer.buffer)),el=s.offset,ie=Dt.call(this,e,u,0),ie&&(he?
t.drawElements(0,ie,he.type,el<<(he.type-5121>>1)):t.drawArrays(0,el,ie),l.dirty=!0,Jl.setVAO(null),w&&(Tl.cpuTime+=performance.
now()-x),B&&z.destroyStream(fe),hl.unbind(),Xl.unbind(),sl.unbind())},scope:function(u,c,w){var x,jl,B,m,k,Ie,Y,Me,fe,Oe,
Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,
zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,
Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui;x=d.blend_enable,d.blend_enable=Dl,jl=re[0],re[0]=h,B=re[1],re[1]=Je,m=re[2],re[2]=Gt,k=re[3],
re[3]=Xe,Ie=d.depth_enable,d.depth_enable=C,Y=l.profile,Y&&(Me=performance.now(),Tl.count++),fe=Dt.call(this,e,u,w),Oe=s.
count,s.count=fe,Ut=s.primitive,s.primitive=Si,$=a[cl],a[cl]=0,g=a[S],a[S]=4,st=El.call(this,e,u,w),Ht=a[It],a[It]=st,Le=
_t.call(this,e,u,w),W=a[Ce],a[Ce]=Le,T=Wl.call(this,e,u,w),rl=a[Qe],a[Qe]=T,Kt=Il.call(this,e,u,w),hl=a[Lt],a[Lt]=Kt,dl=
Se.call(this,e,u,w),gt=a[te],a[te]=dl,de=jt.call(this,e,u,w),Ul=a[xe],a[xe]=de,Rt=Be.call(this,e,u,w),Xl=a[se],a[se]=Rt,
pl=Qi.call(this,e,u,w),_l=a[il],a[il]=pl,ut=si.call(this,e,u,w),Ll=a[pt],a[pt]=ut,bt=wi.call(this,e,u,w),Tt=a[at],a[at]=
bt,ii=ht.call(this,e,u,w),Yl=a[yt],a[yt]=ii,yl=Ni.call(this,e,u,w),Nl=a[Ke],a[Ke]=yl,I=Ji.call(this,e,u,w),ni=a[Ye],a[Ye]=
I,L=q.call(this,e,u,w),pe=a[Ne],a[Ne]=L,Gl=Fi.call(this,e,u,w),ei=a[rt],a[rt]=Gl,Zl=Ol.call(this,e,u,w),$l=a[Cl],a[Cl]=Zl,
wt=Jt.call(this,e,u,w),sl=a[Ml],a[Ml]=wt,he=ke.call(this,e,u,w),el=a[Mt],a[Mt]=he,ie=J.call(this,e,u,w),Xt=a[ye],a[ye]=ie,
je=hi.call(this,e,u,w),zt=a[nl],a[nl]=je,Yt=wl.call(this,e,u,w),tt=a[Ft],a[Ft]=Yt,ot=Ve.call(this,e,u,w),Pe=a[Nt],a[Nt]=
ot,H=pi.call(this,e,u,w),He=a[Qt],a[Qt]=H,ae=ti.call(this,e,u,w),_e=a[De],a[De]=ae,Zt=Vi.call(this,e,u,w),ee=a[Ct],a[Ct]=
Zt,ne=A.call(this,e,u,w),Ae=a[Ze],a[Ze]=ne,tl=ui.call(this,e,u,w),xt=a[v],a[v]=tl,M=mi.call(this,e,u,w),E=a[oe],a[oe]=M,
Et=Re.call(this,e,u,w),ol=a[li],a[li]=Et,kl=ri.call(this,e,u,w),$t=a[gl],a[gl]=kl,vt=ji.call(this,e,u,w),$e=a[zl],a[zl]=
vt,Hl=mt.call(this,e,u,w),b.buffer=Hl,St=!1,Ue=1,Ge=0,At=0,we=0,Bt=0,X=null,me=0,Rl=!1,ll=5126,Vt=0,Bl=0,j=0,it(b)?(St=!0,
X=z.createStream(34962,b),ll=X.dtype):(X=z.getBuffer(b),X?ll=X.dtype:"constant"in b?(Ue=2,typeof b.constant=="number"?(Ge=
b.constant,At=we=Bt=0):(Ge=b.constant.length>0?b.constant[0]:0,At=b.constant.length>1?b.constant[1]:0,we=b.constant.length>
2?b.constant[2]:0,Bt=b.constant.length>3?b.constant[3]:0)):(it(b.buffer)?X=z.createStream(34962,b.buffer):X=z.getBuffer(
b.buffer),ll="type"in b?Pt[b.type]:X.dtype,Rl=!!b.normalized,me=b.size|0,Vt=b.offset|0,Bl=b.stride|0,j=b.divisor|0)),fi=
o.state,o.state=Ue,Z=o.x,o.x=Ge,Vl=o.y,o.y=At,ki=o.z,o.z=we,Ci=o.w,o.w=Bt,Mi=o.buffer,o.buffer=X,qi=o.size,o.size=me,ai=
o.normalized,o.normalized=Rl,xi=o.type,o.type=ll,vl=o.offset,o.offset=Vt,Li=o.stride,o.stride=Bl,Bi=o.divisor,o.divisor=
j,Yi=N.vert,N.vert=n,Ui=N.frag,N.frag=R,l.dirty=!0,c(e,u,w),d.blend_enable=x,re[0]=jl,re[1]=B,re[2]=m,re[3]=k,d.depth_enable=
Ie,Y&&(Tl.cpuTime+=performance.now()-Me),s.count=Oe,s.primitive=Ut,a[cl]=$,a[S]=g,a[It]=Ht,a[Ce]=W,a[Qe]=rl,a[Lt]=hl,a[te]=
gt,a[xe]=Ul,a[se]=Xl,a[il]=_l,a[pt]=Ll,a[at]=Tt,a[yt]=Yl,a[Ke]=Nl,a[Ye]=ni,a[Ne]=pe,a[rt]=ei,a[Cl]=$l,a[Ml]=sl,a[Mt]=el,
a[ye]=Xt,a[nl]=zt,a[Ft]=tt,a[Nt]=Pe,a[Qt]=He,a[De]=_e,a[Ct]=ee,a[Ze]=Ae,a[v]=xt,a[oe]=E,a[li]=ol,a[gl]=$t,a[zl]=$e,St&&z.
destroyStream(X),o.state=fi,o.x=Z,o.y=Vl,o.z=ki,o.w=Ci,o.buffer=Mi,o.size=qi,o.normalized=ai,o.type=xi,o.offset=vl,o.stride=
Li,o.divisor=Bi,N.vert=Yi,N.frag=Ui,l.dirty=!0},batch:function(u,c){var w,x,jl,B,m;if(w=f.next,w!==f.cur&&(w?t.bindFramebuffer(
36160,w.framebuffer):t.bindFramebuffer(36160,null),f.cur=w),l.dirty){var k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,
gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je;k=d.dither,k!==l.dither&&(k?t.enable(
3024):t.disable(3024),l.dither=k),Ie=Te[0],Y=Te[1],Me=Te[2],fe=Te[3],(Ie!==K[0]||Y!==K[1]||Me!==K[2]||fe!==K[3])&&(t.blendColor(
Ie,Y,Me,fe),K[0]=Ie,K[1]=Y,K[2]=Me,K[3]=fe),Oe=D[0],Ut=D[1],(Oe!==nt[0]||Ut!==nt[1])&&(t.blendEquationSeparate(Oe,Ut),nt[0]=
Oe,nt[1]=Ut),$=d.depth_func,$!==l.depth_func&&(t.depthFunc($),l.depth_func=$),g=qt[0],st=qt[1],(g!==ql[0]||st!==ql[1])&&
(t.depthRange(g,st),ql[0]=g,ql[1]=st),Ht=d.depth_mask,Ht!==l.depth_mask&&(t.depthMask(Ht),l.depth_mask=Ht),Le=kt[0],W=kt[1],
T=kt[2],rl=kt[3],(Le!==P[0]||W!==P[1]||T!==P[2]||rl!==P[3])&&(t.colorMask(Le,W,T,rl),P[0]=Le,P[1]=W,P[2]=T,P[3]=rl),Kt=d.
cull_enable,Kt!==l.cull_enable&&(Kt?t.enable(2884):t.disable(2884),l.cull_enable=Kt),hl=d.cull_face,hl!==l.cull_face&&(t.
cullFace(hl),l.cull_face=hl),dl=d.frontFace,dl!==l.frontFace&&(t.frontFace(dl),l.frontFace=dl),gt=d.lineWidth,gt!==l.lineWidth&&
(t.lineWidth(gt),l.lineWidth=gt),de=d.polygonOffset_enable,de!==l.polygonOffset_enable&&(de?t.enable(32823):t.disable(32823),
l.polygonOffset_enable=de),Ul=Ee[0],Rt=Ee[1],(Ul!==fl[0]||Rt!==fl[1])&&(t.polygonOffset(Ul,Rt),fl[0]=Ul,fl[1]=Rt),Xl=d.sample_alpha,
Xl!==l.sample_alpha&&(Xl?t.enable(32926):t.disable(32926),l.sample_alpha=Xl),pl=d.sample_enable,pl!==l.sample_enable&&(pl?
t.enable(32928):t.disable(32928),l.sample_enable=pl),_l=Sl[0],ut=Sl[1],(_l!==Ql[0]||ut!==Ql[1])&&(t.sampleCoverage(_l,ut),
Ql[0]=_l,Ql[1]=ut),Ll=d.stencil_enable,Ll!==l.stencil_enable&&(Ll?t.enable(2960):t.disable(2960),l.stencil_enable=Ll),bt=
d.stencil_mask,bt!==l.stencil_mask&&(t.stencilMask(bt),l.stencil_mask=bt),Tt=al[0],ii=al[1],Yl=al[2],(Tt!==Ot[0]||ii!==Ot[1]||
Yl!==Ot[2])&&(t.stencilFunc(Tt,ii,Yl),Ot[0]=Tt,Ot[1]=ii,Ot[2]=Yl),yl=ge[0],Nl=ge[1],I=ge[2],ni=ge[3],(yl!==U[0]||Nl!==U[1]||
I!==U[2]||ni!==U[3])&&(t.stencilOpSeparate(yl,Nl,I,ni),U[0]=yl,U[1]=Nl,U[2]=I,U[3]=ni),L=ue[0],pe=ue[1],Gl=ue[2],ei=ue[3],
(L!==et[0]||pe!==et[1]||Gl!==et[2]||ei!==et[3])&&(t.stencilOpSeparate(L,pe,Gl,ei),et[0]=L,et[1]=pe,et[2]=Gl,et[3]=ei),Zl=
d.scissor_enable,Zl!==l.scissor_enable&&(Zl?t.enable(3089):t.disable(3089),l.scissor_enable=Zl),$l=xl[0],wt=xl[1],sl=xl[2],
he=xl[3],($l!==bl[0]||wt!==bl[1]||sl!==bl[2]||he!==bl[3])&&(t.scissor($l,wt,sl,he),bl[0]=$l,bl[1]=wt,bl[2]=sl,bl[3]=he),
el=Al[0],ie=Al[1],Xt=Al[2],je=Al[3],(el!==Fl[0]||ie!==Fl[1]||Xt!==Fl[2]||je!==Fl[3])&&(t.viewport(el,ie,Xt,je),Fl[0]=el,
Fl[1]=ie,Fl[2]=Xt,Fl[3]=je)}F?t.enable(3042):t.disable(3042),l.blend_enable=F,t.blendFuncSeparate(770,771,1,771),ce[0]=770,
ce[1]=771,ce[2]=1,ce[3]=771,p?t.enable(2929):t.disable(2929),l.depth_enable=p,x=l.profile,x&&(jl=performance.now(),Tl.count+=
c),t.useProgram(qe.program);var zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,
me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi;for(Jl.setVAO(null),zt=mt.call(this,e,m,B),b.buffer=zt,Yt=!1,tt=1,ot=
0,Pe=0,H=0,He=0,ae=null,_e=0,Zt=!1,ee=5126,ne=0,Ae=0,tl=0,it(b)?(Yt=!0,ae=z.createStream(34962,b),ee=ae.dtype):(ae=z.getBuffer(
b),ae?ee=ae.dtype:"constant"in b?(tt=2,typeof b.constant=="number"?(ot=b.constant,Pe=H=He=0):(ot=b.constant.length>0?b.constant[0]:
0,Pe=b.constant.length>1?b.constant[1]:0,H=b.constant.length>2?b.constant[2]:0,He=b.constant.length>3?b.constant[3]:0)):
(it(b.buffer)?ae=z.createStream(34962,b.buffer):ae=z.getBuffer(b.buffer),ee="type"in b?Pt[b.type]:ae.dtype,Zt=!!b.normalized,
_e=b.size|0,ne=b.offset|0,Ae=b.stride|0,tl=b.divisor|0)),xt=dt.location,M=oi[xt],tt===1?(M.buffer||t.enableVertexAttribArray(
xt),E=_e||2,(M.type!==ee||M.size!==E||M.buffer!==ae||M.normalized!==Zt||M.offset!==ne||M.stride!==Ae)&&(t.bindBuffer(34962,
ae.buffer),t.vertexAttribPointer(xt,E,ee,Zt,Ae,ne),M.type=ee,M.size=E,M.buffer=ae,M.normalized=Zt,M.offset=ne,M.stride=Ae)):
(M.buffer&&(t.disableVertexAttribArray(xt),M.buffer=null),(M.x!==ot||M.y!==Pe||M.z!==H||M.w!==He)&&(t.vertexAttrib4f(xt,
ot,Pe,H,He),M.x=ot,M.y=Pe,M.z=H,M.w=He)),Et=A.call(this,e,m,B),t.uniform1f(Oi.location,Et),ol=Ni.call(this,e,m,B),ol&&ol.
_reglType==="framebuffer"&&(ol=ol.color[0]),kl=ol._texture,t.uniform1i(Ti.location,kl.bind()),$t=q.call(this,e,m,B),t.uniform1f(
_i.location,$t),vt=Ji.call(this,e,m,B),t.uniform1f($i.location,vt),$e=ji.call(this,e,m,B),t.uniform1f(Fe.location,$e),Hl=
ri.call(this,e,m,B),t.uniform1f(Zi.location,Hl),St=jt.call(this,e,m,B),St&&St._reglType==="framebuffer"&&(St=St.color[0]),
Ue=St._texture,t.uniform1i(ct.location,Ue.bind()),Ge=Qi.call(this,e,m,B),t.uniform1f(ci.location,Ge),At=Be.call(this,e,m,
B),t.uniform1f(V.location,At),t.uniform1f(Pi.location,0),we=J.call(this,e,m,B),t.uniform1f(O.location,we),Bt=ke.call(this,
e,m,B),t.uniform1f(G.location,Bt),X=Ve.call(this,e,m,B),t.uniform1f(lt.location,X),me=wl.call(this,e,m,B),t.uniform1f(Q.
location,me),Rl=hi.call(this,e,m,B),t.uniform1f(Di.location,Rl),ll=Vi.call(this,e,m,B),t.uniform1f(Hi.location,ll),Vt=ti.
call(this,e,m,B),t.uniform1f(Ii.location,Vt),Bl=pi.call(this,e,m,B),t.uniform1f(di.location,Bl),j=Wl.call(this,e,m,B),t.
uniformMatrix4fv(Wi.location,!1,Array.isArray(j)||j instanceof Float32Array?j:(le[0]=j[0],le[1]=j[1],le[2]=j[2],le[3]=j[3],
le[4]=j[4],le[5]=j[5],le[6]=j[6],le[7]=j[7],le[8]=j[8],le[9]=j[9],le[10]=j[10],le[11]=j[11],le[12]=j[12],le[13]=j[13],le[14]=
j[14],le[15]=j[15],le)),t.uniform1f(yi.location,4),fi=mi.call(this,e,m,B),t.uniform1f(Ei.location,fi),Z=ui.call(this,e,m,
B),t.uniform1f(Ri.location,Z),Vl=si.call(this,e,m,B),t.uniform1f(Ai.location,Vl),ki=wi.call(this,e,m,B),t.uniform1f(zi.location,
ki),Ci=Se.call(this,e,m,B),t.uniform1f(ze.location,Ci),Mi=ht.call(this,e,m,B),t.uniform1f(Wt.location,Mi),qi=Re.call(this,
e,m,B),t.uniform1f(We.location,qi),ai=Fi.call(this,e,m,B),ai&&ai._reglType==="framebuffer"&&(ai=ai.color[0]),xi=ai._texture,
t.uniform1i(ml.location,xi.bind()),vl=s.elements,vl?t.bindBuffer(34963,vl.buffer.buffer):Jl.currentVAO&&(vl=y.getElements(
Jl.currentVAO.elements),vl&&t.bindBuffer(34963,vl.buffer.buffer)),Li=s.offset,Bi=Dt.call(this,e,m,B),B=0;B<c;++B)m=u[B],
Bi&&(vl?t.drawElements(0,Bi,vl.type,Li<<(vl.type-5121>>1)):t.drawArrays(0,Li,Bi));Yt&&z.destroyStream(ae),kl.unbind(),Ue.
unbind(),xi.unbind(),l.dirty=!0,Jl.setVAO(null),x&&(Tl.cpuTime+=performance.now()-jl)}}},ebdd812153afcc96c237336769e3c1d35715ce8bf417926891d6532d1be9e818:function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi){
"use strict";var O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,
Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce;return O=_.gl,J=_.context,G=_.strings,ke=_.next,lt=_.current,Ve=_.draw,Q=_.elements,
wl=_.buffer,Di=_.shader,hi=_.attributes,Hi=_.vao,Vi=_.uniforms,Ii=_.framebuffer,ti=_.extensions,di=_.timer,pi=_.isBufferArgs,
Wi=ke.blend_color,Wl=lt.blend_color,yi=ke.blend_equation,Ei=lt.blend_equation,mi=ke.blend_func,Ri=lt.blend_func,ui=ke.depth_range,
Ai=lt.depth_range,si=ke.colorMask,zi=lt.colorMask,wi=ke.polygonOffset_offset,ze=lt.polygonOffset_offset,Se=ke.sample_coverage,
Wt=lt.sample_coverage,ht=ke.stencil_func,We=lt.stencil_func,Re=ke.stencil_opFront,ml=lt.stencil_opFront,Fi=ke.stencil_opBack,
Dt=lt.stencil_opBack,Dl=ke.scissor_box,h=lt.scissor_box,Je=ke.viewport,Gt=lt.viewport,Xe={points:0,point:0,lines:1,line:1,
triangles:4,triangle:4,"line loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},C={never:512,less:513,"<":513,equal:514,
"=":514,"==":514,"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},
Si={0:0,1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,
"one minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},cl={add:32774,subtract:32778,"reverse \
subtract":32779},S={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement wr\
ap":34056,invert:5386},El={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},It=
{cw:2304,ccw:2305},_t=new Float32Array(16),Ce=new Float32Array(16),{draw:function(Qe){var Il,Lt,te,xe,se,il,pt,at,yt,Ke,
Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl;if(Il=Ii.next,Il!==Ii.cur&&(Il?O.bindFramebuffer(36160,Il.
framebuffer):O.bindFramebuffer(36160,null),Ii.cur=Il),lt.dirty){var o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,
D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,Kl,Xi,be;o=ke.dither,o!==lt.dither&&(o?O.enable(3024):O.disable(
3024),lt.dither=o),n=Wi[0],R=Wi[1],F=Wi[2],p=Wi[3],(n!==Wl[0]||R!==Wl[1]||F!==Wl[2]||p!==Wl[3])&&(O.blendColor(n,R,F,p),
Wl[0]=n,Wl[1]=R,Wl[2]=F,Wl[3]=p),t=yi[0],e=yi[1],(t!==Ei[0]||e!==Ei[1])&&(O.blendEquationSeparate(t,e),Ei[0]=t,Ei[1]=e),
i=ke.depth_func,i!==lt.depth_func&&(O.depthFunc(i),lt.depth_func=i),d=ui[0],l=ui[1],(d!==Ai[0]||l!==Ai[1])&&(O.depthRange(
d,l),Ai[0]=d,Ai[1]=l),s=ke.depth_mask,s!==lt.depth_mask&&(O.depthMask(s),lt.depth_mask=s),y=si[0],z=si[1],N=si[2],oi=si[3],
(y!==zi[0]||z!==zi[1]||N!==zi[2]||oi!==zi[3])&&(O.colorMask(y,z,N,oi),zi[0]=y,zi[1]=z,zi[2]=N,zi[3]=oi),Jl=ke.cull_enable,
Jl!==lt.cull_enable&&(Jl?O.enable(2884):O.disable(2884),lt.cull_enable=Jl),a=ke.cull_face,a!==lt.cull_face&&(O.cullFace(
a),lt.cull_face=a),f=ke.frontFace,f!==lt.frontFace&&(O.frontFace(f),lt.frontFace=f),ul=ke.lineWidth,ul!==lt.lineWidth&&(O.
lineWidth(ul),lt.lineWidth=ul),bi=ke.polygonOffset_enable,bi!==lt.polygonOffset_enable&&(bi?O.enable(32823):O.disable(32823),
lt.polygonOffset_enable=bi),it=wi[0],Te=wi[1],(it!==ze[0]||Te!==ze[1])&&(O.polygonOffset(it,Te),ze[0]=it,ze[1]=Te),K=ke.
sample_alpha,K!==lt.sample_alpha&&(K?O.enable(32926):O.disable(32926),lt.sample_alpha=K),D=ke.sample_enable,D!==lt.sample_enable&&
(D?O.enable(32928):O.disable(32928),lt.sample_enable=D),nt=Se[0],re=Se[1],(nt!==Wt[0]||re!==Wt[1])&&(O.sampleCoverage(nt,
re),Wt[0]=nt,Wt[1]=re),ce=ke.stencil_enable,ce!==lt.stencil_enable&&(ce?O.enable(2960):O.disable(2960),lt.stencil_enable=
ce),qt=ke.stencil_mask,qt!==lt.stencil_mask&&(O.stencilMask(qt),lt.stencil_mask=qt),ql=ht[0],kt=ht[1],P=ht[2],(ql!==We[0]||
kt!==We[1]||P!==We[2])&&(O.stencilFunc(ql,kt,P),We[0]=ql,We[1]=kt,We[2]=P),Ee=Re[0],fl=Re[1],Sl=Re[2],Ql=Re[3],(Ee!==ml[0]||
fl!==ml[1]||Sl!==ml[2]||Ql!==ml[3])&&(O.stencilOpSeparate(Ee,fl,Sl,Ql),ml[0]=Ee,ml[1]=fl,ml[2]=Sl,ml[3]=Ql),al=Fi[0],Ot=
Fi[1],ge=Fi[2],U=Fi[3],(al!==Dt[0]||Ot!==Dt[1]||ge!==Dt[2]||U!==Dt[3])&&(O.stencilOpSeparate(al,Ot,ge,U),Dt[0]=al,Dt[1]=
Ot,Dt[2]=ge,Dt[3]=U),ue=ke.scissor_enable,ue!==lt.scissor_enable&&(ue?O.enable(3089):O.disable(3089),lt.scissor_enable=ue),
et=Dl[0],xl=Dl[1],bl=Dl[2],Al=Dl[3],(et!==h[0]||xl!==h[1]||bl!==h[2]||Al!==h[3])&&(O.scissor(et,xl,bl,Al),h[0]=et,h[1]=xl,
h[2]=bl,h[3]=Al),Fl=Je[0],Kl=Je[1],Xi=Je[2],be=Je[3],(Fl!==Gt[0]||Kl!==Gt[1]||Xi!==Gt[2]||be!==Gt[3])&&(O.viewport(Fl,Kl,
Xi,be),Gt[0]=Fl,Gt[1]=Kl,Gt[2]=Xi,Gt[3]=be)}ve?O.enable(3042):O.disable(3042),lt.blend_enable=ve,O.blendFuncSeparate(770,
771,1,771),Ri[0]=770,Ri[1]=771,Ri[2]=1,Ri[3]=771,Ki?O.enable(2929):O.disable(2929),lt.depth_enable=Ki,Lt=lt.profile,Lt&&
(te=performance.now(),Tl.count++),O.useProgram(qe.program),Hi.setVAO(null),xe=mt.call(this,J,Qe,0),se=!1,il=1,pt=0,at=0,
yt=0,Ke=0,Ye=null,Ne=0,rt=!1,Ol=5126,Cl=0,Jt=0,Ml=0,pi(xe)?(se=!0,Ye=wl.createStream(34962,xe),Ol=Ye.dtype):(Ye=wl.getBuffer(
xe),Ye?Ol=Ye.dtype:"constant"in xe?(il=2,typeof xe.constant=="number"?(pt=xe.constant,at=yt=Ke=0):(pt=xe.constant.length>
0?xe.constant[0]:0,at=xe.constant.length>1?xe.constant[1]:0,yt=xe.constant.length>2?xe.constant[2]:0,Ke=xe.constant.length>
3?xe.constant[3]:0)):(pi(xe.buffer)?Ye=wl.createStream(34962,xe.buffer):Ye=wl.getBuffer(xe.buffer),Ol="type"in xe?El[xe.
type]:Ye.dtype,rt=!!xe.normalized,Ne=xe.size|0,Cl=xe.offset|0,Jt=xe.stride|0,Ml=xe.divisor|0)),Mt=dt.location,ye=hi[Mt],
il===1?(ye.buffer||O.enableVertexAttribArray(Mt),nl=Ne||2,(ye.type!==Ol||ye.size!==nl||ye.buffer!==Ye||ye.normalized!==rt||
ye.offset!==Cl||ye.stride!==Jt)&&(O.bindBuffer(34962,Ye.buffer),O.vertexAttribPointer(Mt,nl,Ol,rt,Jt,Cl),ye.type=Ol,ye.size=
nl,ye.buffer=Ye,ye.normalized=rt,ye.offset=Cl,ye.stride=Jt)):(ye.buffer&&(O.disableVertexAttribArray(Mt),ye.buffer=null),
(ye.x!==pt||ye.y!==at||ye.z!==yt||ye.w!==Ke)&&(O.vertexAttrib4f(Mt,pt,at,yt,Ke),ye.x=pt,ye.y=at,ye.z=yt,ye.w=Ke)),Ft=A.call(
this,J,Qe,0),Nt=Ft[0],Qt=Ft[1],De=Ft[2],Ct=Ft[3],O.uniform4f(Oi.location,Nt,Qt,De,Ct),Ze=Ni.call(this,J,Qe,0),O.uniformMatrix4fv(
Ti.location,!1,Array.isArray(Ze)||Ze instanceof Float32Array?Ze:(_t[0]=Ze[0],_t[1]=Ze[1],_t[2]=Ze[2],_t[3]=Ze[3],_t[4]=Ze[4],
_t[5]=Ze[5],_t[6]=Ze[6],_t[7]=Ze[7],_t[8]=Ze[8],_t[9]=Ze[9],_t[10]=Ze[10],_t[11]=Ze[11],_t[12]=Ze[12],_t[13]=Ze[13],_t[14]=
Ze[14],_t[15]=Ze[15],_t)),v=_i.call(this,J,Qe,0),oe=null,li=pi(v),li?oe=Q.createStream(v):oe=Q.getElements(v),oe&&O.bindBuffer(
34963,oe.buffer.buffer),gl=oe?oe.primType:4,zl=oe?oe.vertCount:-1,zl&&(oe?O.drawElements(gl,zl,oe.type,0<<(oe.type-5121>>
1)):O.drawArrays(gl,0,zl),lt.dirty=!0,Hi.setVAO(null),Lt&&(Tl.cpuTime+=performance.now()-te),se&&wl.destroyStream(Ye),li&&
Q.destroyStream(oe))},scope:function(Qe,Il,Lt){var te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,
Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi;te=ke.blend_enable,ke.blend_enable=q,xe=mi[0],mi[0]=$i,se=mi[1],
mi[1]=Ji,il=mi[2],mi[2]=Fe,pt=mi[3],mi[3]=ji,at=ke.depth_enable,ke.depth_enable=Zi,yt=lt.profile,yt&&(Ke=performance.now(),
Tl.count++),Ye=_i.call(this,J,Qe,Lt),Ne=null,rt=pi(Ye),rt?Ne=Q.createStream(Ye):Ne=Q.getElements(Ye),Ol=Ve.elements,Ve.elements=
Ne,Cl=Ve.offset,Ve.offset=ri,Jt=Ne?Ne.vertCount:-1,Ml=Ve.count,Ve.count=Jt,Mt=Ne?Ne.primType:4,ye=Ve.primitive,Ve.primitive=
Mt,nl=Ni.call(this,J,Qe,Lt),Ft=Vi[ct],Vi[ct]=nl,Nt=A.call(this,J,Qe,Lt),Qt=Vi[jt],Vi[jt]=Nt,De=mt.call(this,J,Qe,Lt),Ct=
!1,Ze=1,v=0,oe=0,li=0,gl=0,zl=null,o=0,n=!1,R=5126,F=0,p=0,t=0,pi(De)?(Ct=!0,zl=wl.createStream(34962,De),R=zl.dtype):(zl=
wl.getBuffer(De),zl?R=zl.dtype:"constant"in De?(Ze=2,typeof De.constant=="number"?(v=De.constant,oe=li=gl=0):(v=De.constant.
length>0?De.constant[0]:0,oe=De.constant.length>1?De.constant[1]:0,li=De.constant.length>2?De.constant[2]:0,gl=De.constant.
length>3?De.constant[3]:0)):(pi(De.buffer)?zl=wl.createStream(34962,De.buffer):zl=wl.getBuffer(De.buffer),R="type"in De?
El[De.type]:zl.dtype,n=!!De.normalized,o=De.size|0,F=De.offset|0,p=De.stride|0,t=De.divisor|0)),e=ci.state,ci.state=Ze,i=
ci.x,ci.x=v,d=ci.y,ci.y=oe,l=ci.z,ci.z=li,s=ci.w,ci.w=gl,y=ci.buffer,ci.buffer=zl,z=ci.size,ci.size=o,N=ci.normalized,ci.
normalized=n,oi=ci.type,ci.type=R,Jl=ci.offset,ci.offset=F,a=ci.stride,ci.stride=p,f=ci.divisor,ci.divisor=t,ul=Di.vert,
Di.vert=Qi,bi=Di.frag,Di.frag=V,lt.dirty=!0,Il(J,Qe,Lt),ke.blend_enable=te,mi[0]=xe,mi[1]=se,mi[2]=il,mi[3]=pt,ke.depth_enable=
at,yt&&(Tl.cpuTime+=performance.now()-Ke),rt&&Q.destroyStream(Ne),Ve.elements=Ol,Ve.offset=Cl,Ve.count=Ml,Ve.primitive=ye,
Vi[ct]=Ft,Vi[jt]=Qt,Ct&&wl.destroyStream(zl),ci.state=e,ci.x=i,ci.y=d,ci.z=l,ci.w=s,ci.buffer=y,ci.size=z,ci.normalized=
N,ci.type=oi,ci.offset=Jl,ci.stride=a,ci.divisor=f,Di.vert=ul,Di.frag=bi,lt.dirty=!0},batch:function(Qe,Il){var Lt,te,xe,
se,il;if(Lt=Ii.next,Lt!==Ii.cur&&(Lt?O.bindFramebuffer(36160,Lt.framebuffer):O.bindFramebuffer(36160,null),Ii.cur=Lt),lt.
dirty){var pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t,e,i,d,l,s,y,z,N,oi,Jl,a,
f,ul,bi,it,Te,K;pt=ke.dither,pt!==lt.dither&&(pt?O.enable(3024):O.disable(3024),lt.dither=pt),at=Wi[0],yt=Wi[1],Ke=Wi[2],
Ye=Wi[3],(at!==Wl[0]||yt!==Wl[1]||Ke!==Wl[2]||Ye!==Wl[3])&&(O.blendColor(at,yt,Ke,Ye),Wl[0]=at,Wl[1]=yt,Wl[2]=Ke,Wl[3]=Ye),
Ne=yi[0],rt=yi[1],(Ne!==Ei[0]||rt!==Ei[1])&&(O.blendEquationSeparate(Ne,rt),Ei[0]=Ne,Ei[1]=rt),Ol=ke.depth_func,Ol!==lt.
depth_func&&(O.depthFunc(Ol),lt.depth_func=Ol),Cl=ui[0],Jt=ui[1],(Cl!==Ai[0]||Jt!==Ai[1])&&(O.depthRange(Cl,Jt),Ai[0]=Cl,
Ai[1]=Jt),Ml=ke.depth_mask,Ml!==lt.depth_mask&&(O.depthMask(Ml),lt.depth_mask=Ml),Mt=si[0],ye=si[1],nl=si[2],Ft=si[3],(Mt!==
zi[0]||ye!==zi[1]||nl!==zi[2]||Ft!==zi[3])&&(O.colorMask(Mt,ye,nl,Ft),zi[0]=Mt,zi[1]=ye,zi[2]=nl,zi[3]=Ft),Nt=ke.cull_enable,
Nt!==lt.cull_enable&&(Nt?O.enable(2884):O.disable(2884),lt.cull_enable=Nt),Qt=ke.cull_face,Qt!==lt.cull_face&&(O.cullFace(
Qt),lt.cull_face=Qt),De=ke.frontFace,De!==lt.frontFace&&(O.frontFace(De),lt.frontFace=De),Ct=ke.lineWidth,Ct!==lt.lineWidth&&
(O.lineWidth(Ct),lt.lineWidth=Ct),Ze=ke.polygonOffset_enable,Ze!==lt.polygonOffset_enable&&(Ze?O.enable(32823):O.disable(
32823),lt.polygonOffset_enable=Ze),v=wi[0],oe=wi[1],(v!==ze[0]||oe!==ze[1])&&(O.polygonOffset(v,oe),ze[0]=v,ze[1]=oe),li=
ke.sample_alpha,li!==lt.sample_alpha&&(li?O.enable(32926):O.disable(32926),lt.sample_alpha=li),gl=ke.sample_enable,gl!==
lt.sample_enable&&(gl?O.enable(32928):O.disable(32928),lt.sample_enable=gl),zl=Se[0],o=Se[1],(zl!==Wt[0]||o!==Wt[1])&&(O.
sampleCoverage(zl,o),Wt[0]=zl,Wt[1]=o),n=ke.stencil_enable,n!==lt.stencil_enable&&(n?O.enable(2960):O.disable(2960),lt.stencil_enable=
n),R=ke.stencil_mask,R!==lt.stencil_mask&&(O.stencilMask(R),lt.stencil_mask=R),F=ht[0],p=ht[1],t=ht[2],(F!==We[0]||p!==We[1]||
t!==We[2])&&(O.stencilFunc(F,p,t),We[0]=F,We[1]=p,We[2]=t),e=Re[0],i=Re[1],d=Re[2],l=Re[3],(e!==ml[0]||i!==ml[1]||d!==ml[2]||
l!==ml[3])&&(O.stencilOpSeparate(e,i,d,l),ml[0]=e,ml[1]=i,ml[2]=d,ml[3]=l),s=Fi[0],y=Fi[1],z=Fi[2],N=Fi[3],(s!==Dt[0]||y!==
Dt[1]||z!==Dt[2]||N!==Dt[3])&&(O.stencilOpSeparate(s,y,z,N),Dt[0]=s,Dt[1]=y,Dt[2]=z,Dt[3]=N),oi=ke.scissor_enable,oi!==lt.
scissor_enable&&(oi?O.enable(3089):O.disable(3089),lt.scissor_enable=oi),Jl=Dl[0],a=Dl[1],f=Dl[2],ul=Dl[3],(Jl!==h[0]||a!==
h[1]||f!==h[2]||ul!==h[3])&&(O.scissor(Jl,a,f,ul),h[0]=Jl,h[1]=a,h[2]=f,h[3]=ul),bi=Je[0],it=Je[1],Te=Je[2],K=Je[3],(bi!==
Gt[0]||it!==Gt[1]||Te!==Gt[2]||K!==Gt[3])&&(O.viewport(bi,it,Te,K),Gt[0]=bi,Gt[1]=it,Gt[2]=Te,Gt[3]=K)}Be?O.enable(3042):
O.disable(3042),lt.blend_enable=Be,O.blendFuncSeparate(770,771,1,771),Ri[0]=770,Ri[1]=771,Ri[2]=1,Ri[3]=771,Pi?O.enable(
2929):O.disable(2929),lt.depth_enable=Pi,te=lt.profile,te&&(xe=performance.now(),Tl.count+=Il),O.useProgram(qe.program);
var D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,Kl,Xi,be,ft,Gi,Pt;for(Hi.setVAO(null),D=mt.call(this,
J,il,se),nt=!1,re=1,ce=0,qt=0,ql=0,kt=0,P=null,Ee=0,fl=!1,Sl=5126,Ql=0,al=0,Ot=0,pi(D)?(nt=!0,P=wl.createStream(34962,D),
Sl=P.dtype):(P=wl.getBuffer(D),P?Sl=P.dtype:"constant"in D?(re=2,typeof D.constant=="number"?(ce=D.constant,qt=ql=kt=0):
(ce=D.constant.length>0?D.constant[0]:0,qt=D.constant.length>1?D.constant[1]:0,ql=D.constant.length>2?D.constant[2]:0,kt=
D.constant.length>3?D.constant[3]:0)):(pi(D.buffer)?P=wl.createStream(34962,D.buffer):P=wl.getBuffer(D.buffer),Sl="type"in
D?El[D.type]:P.dtype,fl=!!D.normalized,Ee=D.size|0,Ql=D.offset|0,al=D.stride|0,Ot=D.divisor|0)),ge=dt.location,U=hi[ge],
re===1?(U.buffer||O.enableVertexAttribArray(ge),ue=Ee||2,(U.type!==Sl||U.size!==ue||U.buffer!==P||U.normalized!==fl||U.offset!==
Ql||U.stride!==al)&&(O.bindBuffer(34962,P.buffer),O.vertexAttribPointer(ge,ue,Sl,fl,al,Ql),U.type=Sl,U.size=ue,U.buffer=
P,U.normalized=fl,U.offset=Ql,U.stride=al)):(U.buffer&&(O.disableVertexAttribArray(ge),U.buffer=null),(U.x!==ce||U.y!==qt||
U.z!==ql||U.w!==kt)&&(O.vertexAttrib4f(ge,ce,qt,ql,kt),U.x=ce,U.y=qt,U.z=ql,U.w=kt)),et=A.call(this,J,il,se),xl=et[0],bl=
et[1],Al=et[2],Fl=et[3],O.uniform4f(Oi.location,xl,bl,Al,Fl),Kl=Ni.call(this,J,il,se),O.uniformMatrix4fv(Ti.location,!1,
Array.isArray(Kl)||Kl instanceof Float32Array?Kl:(Ce[0]=Kl[0],Ce[1]=Kl[1],Ce[2]=Kl[2],Ce[3]=Kl[3],Ce[4]=Kl[4],Ce[5]=Kl[5],
Ce[6]=Kl[6],Ce[7]=Kl[7],Ce[8]=Kl[8],Ce[9]=Kl[9],Ce[10]=Kl[10],Ce[11]=Kl[11],Ce[12]=Kl[12],Ce[13]=Kl[13],Ce[14]=Kl[14],Ce[15]=
Kl[15],Ce)),Xi=_i.call(this,J,il,se),be=null,ft=pi(Xi),ft?be=Q.createStream(Xi):be=Q.getElements(Xi),be&&O.bindBuffer(34963,
be.buffer.buffer),Gi=be?be.primType:4,Pt=be?be.vertCount:-1,se=0;se<Il;++se)il=Qe[se],Pt&&(be?O.drawElements(Gi,Pt,be.type,
0<<(be.type-5121>>1)):O.drawArrays(Gi,0,Pt));nt&&wl.destroyStream(P),ft&&Q.destroyStream(be),lt.dirty=!0,Hi.setVAO(null),
te&&(Tl.cpuTime+=performance.now()-xe)}}},f8e1f4054c4438882c3d51e9b35906bf16e12123cd46425fe9d25ce0ba9aa21c:function(_,Tl,ve,Ki,qe,mt,dt,Oi,A,Ti,Ni,_i,q,$i,Ji,Fe,ji,Zi,ri,ct,jt,ci,Qi,V,Be,Pi,O,J,G,ke,lt,Ve,Q,wl,Di,hi,Hi,Vi,Ii,ti,di,pi,Wi,Wl,yi,Ei,mi,Ri,ui,Ai,si,zi,wi,ze,Se,Wt,ht,We,Re,ml,Fi,Dt,Dl,h,Je,Gt,Xe,C,Si,cl,S,El,It,_t,Ce,Qe,Il,Lt,te,xe,se,il,pt,at,yt,Ke,Ye,Ne,rt,Ol,Cl,Jt,Ml,Mt,ye,nl,Ft,Nt,Qt,De,Ct,Ze,v,oe,li,gl,zl,o,n,R,F,p,t){
"use strict";var e,i,d,l,s,y,z,N,oi,Jl,a,f,ul,bi,it,Te,K,D,nt,re,ce,qt,ql,kt,P,Ee,fl,Sl,Ql,al,Ot,ge,U,ue,et,xl,bl,Al,Fl,
Kl,Xi,be,ft,Gi,Pt,Pl,b,r,le,u;return e=_.gl,i=_.context,d=_.strings,l=_.next,s=_.current,y=_.draw,z=_.elements,N=_.buffer,
oi=_.shader,Jl=_.attributes,a=_.vao,f=_.uniforms,ul=_.framebuffer,bi=_.extensions,it=_.timer,Te=_.isBufferArgs,K=l.blend_color,
D=s.blend_color,nt=l.blend_equation,re=s.blend_equation,ce=l.blend_func,qt=s.blend_func,ql=l.depth_range,kt=s.depth_range,
P=l.colorMask,Ee=s.colorMask,fl=l.polygonOffset_offset,Sl=s.polygonOffset_offset,Ql=l.sample_coverage,al=s.sample_coverage,
Ot=l.stencil_func,ge=s.stencil_func,U=l.stencil_opFront,ue=s.stencil_opFront,et=l.stencil_opBack,xl=s.stencil_opBack,bl=
l.scissor_box,Al=s.scissor_box,Fl=l.viewport,Kl=s.viewport,Xi={points:0,point:0,lines:1,line:1,triangles:4,triangle:4,"l\
ine loop":2,"line strip":3,"triangle strip":5,"triangle fan":6},be={never:512,less:513,"<":513,equal:514,"=":514,"==":514,
"===":514,lequal:515,"<=":515,greater:516,">":516,notequal:517,"!=":517,"!==":517,gequal:518,">=":518,always:519},ft={0:0,
1:1,zero:0,one:1,"src color":768,"one minus src color":769,"src alpha":770,"one minus src alpha":771,"dst color":774,"on\
e minus dst color":775,"dst alpha":772,"one minus dst alpha":773,"constant color":32769,"one minus constant color":32770,
"constant alpha":32771,"one minus constant alpha":32772,"src alpha saturate":776},Gi={add:32774,subtract:32778,"reverse \
subtract":32779},Pt={0:0,zero:0,keep:7680,replace:7681,increment:7682,decrement:7683,"increment wrap":34055,"decrement w\
rap":34056,invert:5386},Pl={int8:5120,int16:5122,int32:5124,uint8:5121,uint16:5123,uint32:5125,float:5126,float32:5126},
b={cw:2304,ccw:2305},r={},r.size=2,le=new Float32Array(16),u=new Float32Array(16),{draw:function(c){var w,x,jl,B,m,k,Ie,
Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,
ie,Xt,je;if(w=ul.next,w!==ul.cur&&(w?e.bindFramebuffer(36160,w.framebuffer):e.bindFramebuffer(36160,null),ul.cur=w),s.dirty){
var zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,
Ci,Mi,qi,ai,xi,vl,Li;zt=l.dither,zt!==s.dither&&(zt?e.enable(3024):e.disable(3024),s.dither=zt),Yt=K[0],tt=K[1],ot=K[2],
Pe=K[3],(Yt!==D[0]||tt!==D[1]||ot!==D[2]||Pe!==D[3])&&(e.blendColor(Yt,tt,ot,Pe),D[0]=Yt,D[1]=tt,D[2]=ot,D[3]=Pe),H=nt[0],
He=nt[1],(H!==re[0]||He!==re[1])&&(e.blendEquationSeparate(H,He),re[0]=H,re[1]=He),ae=l.depth_func,ae!==s.depth_func&&(e.
depthFunc(ae),s.depth_func=ae),_e=ql[0],Zt=ql[1],(_e!==kt[0]||Zt!==kt[1])&&(e.depthRange(_e,Zt),kt[0]=_e,kt[1]=Zt),ee=l.
depth_mask,ee!==s.depth_mask&&(e.depthMask(ee),s.depth_mask=ee),ne=P[0],Ae=P[1],tl=P[2],xt=P[3],(ne!==Ee[0]||Ae!==Ee[1]||
tl!==Ee[2]||xt!==Ee[3])&&(e.colorMask(ne,Ae,tl,xt),Ee[0]=ne,Ee[1]=Ae,Ee[2]=tl,Ee[3]=xt),M=l.cull_enable,M!==s.cull_enable&&
(M?e.enable(2884):e.disable(2884),s.cull_enable=M),E=l.cull_face,E!==s.cull_face&&(e.cullFace(E),s.cull_face=E),Et=l.frontFace,
Et!==s.frontFace&&(e.frontFace(Et),s.frontFace=Et),ol=l.lineWidth,ol!==s.lineWidth&&(e.lineWidth(ol),s.lineWidth=ol),kl=
l.polygonOffset_enable,kl!==s.polygonOffset_enable&&(kl?e.enable(32823):e.disable(32823),s.polygonOffset_enable=kl),$t=fl[0],
vt=fl[1],($t!==Sl[0]||vt!==Sl[1])&&(e.polygonOffset($t,vt),Sl[0]=$t,Sl[1]=vt),$e=l.sample_alpha,$e!==s.sample_alpha&&($e?
e.enable(32926):e.disable(32926),s.sample_alpha=$e),Hl=l.sample_enable,Hl!==s.sample_enable&&(Hl?e.enable(32928):e.disable(
32928),s.sample_enable=Hl),St=Ql[0],Ue=Ql[1],(St!==al[0]||Ue!==al[1])&&(e.sampleCoverage(St,Ue),al[0]=St,al[1]=Ue),Ge=l.
stencil_enable,Ge!==s.stencil_enable&&(Ge?e.enable(2960):e.disable(2960),s.stencil_enable=Ge),At=l.stencil_mask,At!==s.stencil_mask&&
(e.stencilMask(At),s.stencil_mask=At),we=Ot[0],Bt=Ot[1],X=Ot[2],(we!==ge[0]||Bt!==ge[1]||X!==ge[2])&&(e.stencilFunc(we,Bt,
X),ge[0]=we,ge[1]=Bt,ge[2]=X),me=U[0],Rl=U[1],ll=U[2],Vt=U[3],(me!==ue[0]||Rl!==ue[1]||ll!==ue[2]||Vt!==ue[3])&&(e.stencilOpSeparate(
me,Rl,ll,Vt),ue[0]=me,ue[1]=Rl,ue[2]=ll,ue[3]=Vt),Bl=et[0],j=et[1],fi=et[2],Z=et[3],(Bl!==xl[0]||j!==xl[1]||fi!==xl[2]||
Z!==xl[3])&&(e.stencilOpSeparate(Bl,j,fi,Z),xl[0]=Bl,xl[1]=j,xl[2]=fi,xl[3]=Z),Vl=l.scissor_enable,Vl!==s.scissor_enable&&
(Vl?e.enable(3089):e.disable(3089),s.scissor_enable=Vl),ki=bl[0],Ci=bl[1],Mi=bl[2],qi=bl[3],(ki!==Al[0]||Ci!==Al[1]||Mi!==
Al[2]||qi!==Al[3])&&(e.scissor(ki,Ci,Mi,qi),Al[0]=ki,Al[1]=Ci,Al[2]=Mi,Al[3]=qi),ai=Fl[0],xi=Fl[1],vl=Fl[2],Li=Fl[3],(ai!==
Kl[0]||xi!==Kl[1]||vl!==Kl[2]||Li!==Kl[3])&&(e.viewport(ai,xi,vl,Li),Kl[0]=ai,Kl[1]=xi,Kl[2]=vl,Kl[3]=Li)}ve?e.enable(3042):
e.disable(3042),s.blend_enable=ve,e.blendFuncSeparate(770,771,1,771),qt[0]=770,qt[1]=771,qt[2]=1,qt[3]=771,Ki?e.enable(2929):
e.disable(2929),s.depth_enable=Ki,x=s.profile,x&&(jl=performance.now(),Tl.count++),e.useProgram(qe.program),a.setVAO(null),
B=mt.call(this,i,c,0),r.buffer=B,m=!1,k=1,Ie=0,Y=0,Me=0,fe=0,Oe=null,Ut=0,$=!1,g=5126,st=0,Ht=0,Le=0,Te(r)?(m=!0,Oe=N.createStream(
34962,r),g=Oe.dtype):(Oe=N.getBuffer(r),Oe?g=Oe.dtype:"constant"in r?(k=2,typeof r.constant=="number"?(Ie=r.constant,Y=Me=
fe=0):(Ie=r.constant.length>0?r.constant[0]:0,Y=r.constant.length>1?r.constant[1]:0,Me=r.constant.length>2?r.constant[2]:
0,fe=r.constant.length>3?r.constant[3]:0)):(Te(r.buffer)?Oe=N.createStream(34962,r.buffer):Oe=N.getBuffer(r.buffer),g="t\
ype"in r?Pl[r.type]:Oe.dtype,$=!!r.normalized,Ut=r.size|0,st=r.offset|0,Ht=r.stride|0,Le=r.divisor|0)),W=dt.location,T=Jl[W],
k===1?(T.buffer||e.enableVertexAttribArray(W),rl=Ut||2,(T.type!==g||T.size!==rl||T.buffer!==Oe||T.normalized!==$||T.offset!==
st||T.stride!==Ht)&&(e.bindBuffer(34962,Oe.buffer),e.vertexAttribPointer(W,rl,g,$,Ht,st),T.type=g,T.size=rl,T.buffer=Oe,
T.normalized=$,T.offset=st,T.stride=Ht)):(T.buffer&&(e.disableVertexAttribArray(W),T.buffer=null),(T.x!==Ie||T.y!==Y||T.
z!==Me||T.w!==fe)&&(e.vertexAttrib4f(W,Ie,Y,Me,fe),T.x=Ie,T.y=Y,T.z=Me,T.w=fe)),Kt=A.call(this,i,c,0),e.uniform1f(Oi.location,
Kt),hl=Ni.call(this,i,c,0),e.uniform1f(Ti.location,hl),dl=q.call(this,i,c,0),dl&&dl._reglType==="framebuffer"&&(dl=dl.color[0]),
gt=dl._texture,e.uniform1i(_i.location,gt.bind()),de=Ji.call(this,i,c,0),e.uniform1f($i.location,de),Ul=ji.call(this,i,c,
0),e.uniform1f(Fe.location,Ul),Rt=ri.call(this,i,c,0),e.uniform1f(Zi.location,Rt),Xl=jt.call(this,i,c,0),e.uniform1f(ct.
location,Xl),pl=Qi.call(this,i,c,0),pl&&pl._reglType==="framebuffer"&&(pl=pl.color[0]),_l=pl._texture,e.uniform1i(ci.location,
_l.bind()),ut=Be.call(this,i,c,0),e.uniform1f(V.location,ut),Ll=O.call(this,i,c,0),e.uniform1f(Pi.location,Ll),e.uniform1f(
J.location,0),bt=ke.call(this,i,c,0),e.uniform1f(G.location,bt),Tt=Ve.call(this,i,c,0),e.uniform1f(lt.location,Tt),ii=wl.
call(this,i,c,0),e.uniform1f(Q.location,ii),Yl=hi.call(this,i,c,0),e.uniform1f(Di.location,Yl),yl=Vi.call(this,i,c,0),e.
uniform1f(Hi.location,yl),Nl=ti.call(this,i,c,0),e.uniform1f(Ii.location,Nl),I=pi.call(this,i,c,0),e.uniform1f(di.location,
I),ni=Wl.call(this,i,c,0),e.uniform1f(Wi.location,ni),L=Ei.call(this,i,c,0),e.uniformMatrix4fv(yi.location,!1,Array.isArray(
L)||L instanceof Float32Array?L:(le[0]=L[0],le[1]=L[1],le[2]=L[2],le[3]=L[3],le[4]=L[4],le[5]=L[5],le[6]=L[6],le[7]=L[7],
le[8]=L[8],le[9]=L[9],le[10]=L[10],le[11]=L[11],le[12]=L[12],le[13]=L[13],le[14]=L[14],le[15]=L[15],le)),e.uniform1f(mi.
location,4),pe=ui.call(this,i,c,0),e.uniform1f(Ri.location,pe),Gl=si.call(this,i,c,0),e.uniform1f(Ai.location,Gl),ei=wi.
call(this,i,c,0),e.uniform1f(zi.location,ei),Zl=Se.call(this,i,c,0),e.uniform1f(ze.location,Zl),$l=ht.call(this,i,c,0),e.
uniform1f(Wt.location,$l),wt=Re.call(this,i,c,0),e.uniform1f(We.location,wt),sl=Fi.call(this,i,c,0),e.uniform1f(ml.location,
sl),he=Dl.call(this,i,c,0),he&&he._reglType==="framebuffer"&&(he=he.color[0]),el=he._texture,e.uniform1i(Dt.location,el.
bind()),ie=y.elements,ie?e.bindBuffer(34963,ie.buffer.buffer):a.currentVAO&&(ie=z.getElements(a.currentVAO.elements),ie&&
e.bindBuffer(34963,ie.buffer.buffer)),Xt=y.offset,je=h.call(this,i,c,0),je&&(ie?e.drawElements(0,je,ie.type,Xt<<(ie.type-
5121>>1)):e.drawArrays(0,Xt,je),s.dirty=!0,a.setVAO(null),x&&(Tl.cpuTime+=performance.now()-jl),m&&N.destroyStream(Oe),gt.
unbind(),_l.unbind(),el.unbind())},scope:function(c,w,x){var jl,B,m,k,Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,
Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,Zl,$l,wt,sl,he,el,ie,Xt,je,zt,Yt,tt,ot,Pe,H,He,ae,_e,Zt,ee,ne,Ae,
tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,vl,Li,Bi,Yi,Ui,vi;jl=l.blend_enable,
l.blend_enable=Je,B=ce[0],ce[0]=Gt,m=ce[1],ce[1]=Xe,k=ce[2],ce[2]=C,Ie=ce[3],ce[3]=Si,Y=l.depth_enable,l.depth_enable=cl,
Me=s.profile,Me&&(fe=performance.now(),Tl.count++),Oe=h.call(this,i,c,x),Ut=y.count,y.count=Oe,$=y.primitive,y.primitive=
S,g=f[El],f[El]=0,st=f[It],f[It]=4,Ht=A.call(this,i,c,x),Le=f[_t],f[_t]=Ht,W=Ce.call(this,i,c,x),T=f[Qe],f[Qe]=W,rl=Ei.call(
this,i,c,x),Kt=f[Il],f[Il]=rl,hl=Lt.call(this,i,c,x),dl=f[te],f[te]=hl,gt=ht.call(this,i,c,x),de=f[xe],f[xe]=gt,Ul=Qi.call(
this,i,c,x),Rt=f[se],f[se]=Ul,Xl=O.call(this,i,c,x),pl=f[il],f[il]=Xl,_l=Be.call(this,i,c,x),ut=f[pt],f[pt]=_l,Ll=wi.call(
this,i,c,x),bt=f[at],f[at]=Ll,Tt=Se.call(this,i,c,x),ii=f[yt],f[yt]=Tt,Yl=Re.call(this,i,c,x),yl=f[Ke],f[Ke]=Yl,Nl=q.call(
this,i,c,x),I=f[Ye],f[Ye]=Nl,ni=ji.call(this,i,c,x),L=f[Ne],f[Ne]=ni,pe=Ji.call(this,i,c,x),Gl=f[rt],f[rt]=pe,ei=Dl.call(
this,i,c,x),Zl=f[Ol],f[Ol]=ei,$l=Cl.call(this,i,c,x),wt=f[Jt],f[Jt]=$l,sl=Ml.call(this,i,c,x),he=f[Mt],f[Mt]=sl,el=Ve.call(
this,i,c,x),ie=f[ye],f[ye]=el,Xt=ke.call(this,i,c,x),je=f[nl],f[nl]=Xt,zt=Vi.call(this,i,c,x),Yt=f[Ft],f[Ft]=zt,tt=hi.call(
this,i,c,x),ot=f[Nt],f[Nt]=tt,Pe=wl.call(this,i,c,x),H=f[Qt],f[Qt]=Pe,He=Wl.call(this,i,c,x),ae=f[De],f[De]=He,_e=pi.call(
this,i,c,x),Zt=f[Ct],f[Ct]=_e,ee=ti.call(this,i,c,x),ne=f[Ze],f[Ze]=ee,Ae=Ni.call(this,i,c,x),tl=f[v],f[v]=Ae,xt=si.call(
this,i,c,x),M=f[oe],f[oe]=xt,E=ui.call(this,i,c,x),Et=f[li],f[li]=E,ol=Fi.call(this,i,c,x),kl=f[gl],f[gl]=ol,$t=jt.call(
this,i,c,x),vt=f[zl],f[zl]=$t,$e=ri.call(this,i,c,x),Hl=f[o],f[o]=$e,St=mt.call(this,i,c,x),r.buffer=St,Ue=!1,Ge=1,At=0,
we=0,Bt=0,X=0,me=null,Rl=0,ll=!1,Vt=5126,Bl=0,j=0,fi=0,Te(r)?(Ue=!0,me=N.createStream(34962,r),Vt=me.dtype):(me=N.getBuffer(
r),me?Vt=me.dtype:"constant"in r?(Ge=2,typeof r.constant=="number"?(At=r.constant,we=Bt=X=0):(At=r.constant.length>0?r.constant[0]:
0,we=r.constant.length>1?r.constant[1]:0,Bt=r.constant.length>2?r.constant[2]:0,X=r.constant.length>3?r.constant[3]:0)):
(Te(r.buffer)?me=N.createStream(34962,r.buffer):me=N.getBuffer(r.buffer),Vt="type"in r?Pl[r.type]:me.dtype,ll=!!r.normalized,
Rl=r.size|0,Bl=r.offset|0,j=r.stride|0,fi=r.divisor|0)),Z=n.state,n.state=Ge,Vl=n.x,n.x=At,ki=n.y,n.y=we,Ci=n.z,n.z=Bt,Mi=
n.w,n.w=X,qi=n.buffer,n.buffer=me,ai=n.size,n.size=Rl,xi=n.normalized,n.normalized=ll,vl=n.type,n.type=Vt,Li=n.offset,n.
offset=Bl,Bi=n.stride,n.stride=j,Yi=n.divisor,n.divisor=fi,Ui=oi.vert,oi.vert=R,vi=oi.frag,oi.frag=F,s.dirty=!0,w(i,c,x),
l.blend_enable=jl,ce[0]=B,ce[1]=m,ce[2]=k,ce[3]=Ie,l.depth_enable=Y,Me&&(Tl.cpuTime+=performance.now()-fe),y.count=Ut,y.
primitive=$,f[El]=g,f[It]=st,f[_t]=Le,f[Qe]=T,f[Il]=Kt,f[te]=dl,f[xe]=de,f[se]=Rt,f[il]=pl,f[pt]=ut,f[at]=bt,f[yt]=ii,f[Ke]=
yl,f[Ye]=I,f[Ne]=L,f[rt]=Gl,f[Ol]=Zl,f[Jt]=wt,f[Mt]=he,f[ye]=ie,f[nl]=je,f[Ft]=Yt,f[Nt]=ot,f[Qt]=H,f[De]=ae,f[Ct]=Zt,f[Ze]=
ne,f[v]=tl,f[oe]=M,f[li]=Et,f[gl]=kl,f[zl]=vt,f[o]=Hl,Ue&&N.destroyStream(me),n.state=Z,n.x=Vl,n.y=ki,n.z=Ci,n.w=Mi,n.buffer=
qi,n.size=ai,n.normalized=xi,n.type=vl,n.offset=Li,n.stride=Bi,n.divisor=Yi,oi.vert=Ui,oi.frag=vi,s.dirty=!0},batch:function(c,w){
var x,jl,B,m,k;if(x=ul.next,x!==ul.cur&&(x?e.bindFramebuffer(36160,x.framebuffer):e.bindFramebuffer(36160,null),ul.cur=x),
s.dirty){var Ie,Y,Me,fe,Oe,Ut,$,g,st,Ht,Le,W,T,rl,Kt,hl,dl,gt,de,Ul,Rt,Xl,pl,_l,ut,Ll,bt,Tt,ii,Yl,yl,Nl,I,ni,L,pe,Gl,ei,
Zl,$l,wt,sl,he,el,ie,Xt,je,zt;Ie=l.dither,Ie!==s.dither&&(Ie?e.enable(3024):e.disable(3024),s.dither=Ie),Y=K[0],Me=K[1],
fe=K[2],Oe=K[3],(Y!==D[0]||Me!==D[1]||fe!==D[2]||Oe!==D[3])&&(e.blendColor(Y,Me,fe,Oe),D[0]=Y,D[1]=Me,D[2]=fe,D[3]=Oe),Ut=
nt[0],$=nt[1],(Ut!==re[0]||$!==re[1])&&(e.blendEquationSeparate(Ut,$),re[0]=Ut,re[1]=$),g=l.depth_func,g!==s.depth_func&&
(e.depthFunc(g),s.depth_func=g),st=ql[0],Ht=ql[1],(st!==kt[0]||Ht!==kt[1])&&(e.depthRange(st,Ht),kt[0]=st,kt[1]=Ht),Le=l.
depth_mask,Le!==s.depth_mask&&(e.depthMask(Le),s.depth_mask=Le),W=P[0],T=P[1],rl=P[2],Kt=P[3],(W!==Ee[0]||T!==Ee[1]||rl!==
Ee[2]||Kt!==Ee[3])&&(e.colorMask(W,T,rl,Kt),Ee[0]=W,Ee[1]=T,Ee[2]=rl,Ee[3]=Kt),hl=l.cull_enable,hl!==s.cull_enable&&(hl?
e.enable(2884):e.disable(2884),s.cull_enable=hl),dl=l.cull_face,dl!==s.cull_face&&(e.cullFace(dl),s.cull_face=dl),gt=l.frontFace,
gt!==s.frontFace&&(e.frontFace(gt),s.frontFace=gt),de=l.lineWidth,de!==s.lineWidth&&(e.lineWidth(de),s.lineWidth=de),Ul=
l.polygonOffset_enable,Ul!==s.polygonOffset_enable&&(Ul?e.enable(32823):e.disable(32823),s.polygonOffset_enable=Ul),Rt=fl[0],
Xl=fl[1],(Rt!==Sl[0]||Xl!==Sl[1])&&(e.polygonOffset(Rt,Xl),Sl[0]=Rt,Sl[1]=Xl),pl=l.sample_alpha,pl!==s.sample_alpha&&(pl?
e.enable(32926):e.disable(32926),s.sample_alpha=pl),_l=l.sample_enable,_l!==s.sample_enable&&(_l?e.enable(32928):e.disable(
32928),s.sample_enable=_l),ut=Ql[0],Ll=Ql[1],(ut!==al[0]||Ll!==al[1])&&(e.sampleCoverage(ut,Ll),al[0]=ut,al[1]=Ll),bt=l.
stencil_enable,bt!==s.stencil_enable&&(bt?e.enable(2960):e.disable(2960),s.stencil_enable=bt),Tt=l.stencil_mask,Tt!==s.stencil_mask&&
(e.stencilMask(Tt),s.stencil_mask=Tt),ii=Ot[0],Yl=Ot[1],yl=Ot[2],(ii!==ge[0]||Yl!==ge[1]||yl!==ge[2])&&(e.stencilFunc(ii,
Yl,yl),ge[0]=ii,ge[1]=Yl,ge[2]=yl),Nl=U[0],I=U[1],ni=U[2],L=U[3],(Nl!==ue[0]||I!==ue[1]||ni!==ue[2]||L!==ue[3])&&(e.stencilOpSeparate(
Nl,I,ni,L),ue[0]=Nl,ue[1]=I,ue[2]=ni,ue[3]=L),pe=et[0],Gl=et[1],ei=et[2],Zl=et[3],(pe!==xl[0]||Gl!==xl[1]||ei!==xl[2]||Zl!==
xl[3])&&(e.stencilOpSeparate(pe,Gl,ei,Zl),xl[0]=pe,xl[1]=Gl,xl[2]=ei,xl[3]=Zl),$l=l.scissor_enable,$l!==s.scissor_enable&&
($l?e.enable(3089):e.disable(3089),s.scissor_enable=$l),wt=bl[0],sl=bl[1],he=bl[2],el=bl[3],(wt!==Al[0]||sl!==Al[1]||he!==
Al[2]||el!==Al[3])&&(e.scissor(wt,sl,he,el),Al[0]=wt,Al[1]=sl,Al[2]=he,Al[3]=el),ie=Fl[0],Xt=Fl[1],je=Fl[2],zt=Fl[3],(ie!==
Kl[0]||Xt!==Kl[1]||je!==Kl[2]||zt!==Kl[3])&&(e.viewport(ie,Xt,je,zt),Kl[0]=ie,Kl[1]=Xt,Kl[2]=je,Kl[3]=zt)}p?e.enable(3042):
e.disable(3042),s.blend_enable=p,e.blendFuncSeparate(770,771,1,771),qt[0]=770,qt[1]=771,qt[2]=1,qt[3]=771,t?e.enable(2929):
e.disable(2929),s.depth_enable=t,jl=s.profile,jl&&(B=performance.now(),Tl.count+=w),e.useProgram(qe.program);var Yt,tt,ot,
Pe,H,He,ae,_e,Zt,ee,ne,Ae,tl,xt,M,E,Et,ol,kl,$t,vt,$e,Hl,St,Ue,Ge,At,we,Bt,X,me,Rl,ll,Vt,Bl,j,fi,Z,Vl,ki,Ci,Mi,qi,ai,xi,
vl,Li,Bi,Yi,Ui;for(a.setVAO(null),Yt=mt.call(this,i,k,m),r.buffer=Yt,tt=!1,ot=1,Pe=0,H=0,He=0,ae=0,_e=null,Zt=0,ee=!1,ne=
5126,Ae=0,tl=0,xt=0,Te(r)?(tt=!0,_e=N.createStream(34962,r),ne=_e.dtype):(_e=N.getBuffer(r),_e?ne=_e.dtype:"constant"in r?
(ot=2,typeof r.constant=="number"?(Pe=r.constant,H=He=ae=0):(Pe=r.constant.length>0?r.constant[0]:0,H=r.constant.length>
1?r.constant[1]:0,He=r.constant.length>2?r.constant[2]:0,ae=r.constant.length>3?r.constant[3]:0)):(Te(r.buffer)?_e=N.createStream(
34962,r.buffer):_e=N.getBuffer(r.buffer),ne="type"in r?Pl[r.type]:_e.dtype,ee=!!r.normalized,Zt=r.size|0,Ae=r.offset|0,tl=
r.stride|0,xt=r.divisor|0)),M=dt.location,E=Jl[M],ot===1?(E.buffer||e.enableVertexAttribArray(M),Et=Zt||2,(E.type!==ne||
E.size!==Et||E.buffer!==_e||E.normalized!==ee||E.offset!==Ae||E.stride!==tl)&&(e.bindBuffer(34962,_e.buffer),e.vertexAttribPointer(
M,Et,ne,ee,tl,Ae),E.type=ne,E.size=Et,E.buffer=_e,E.normalized=ee,E.offset=Ae,E.stride=tl)):(E.buffer&&(e.disableVertexAttribArray(
M),E.buffer=null),(E.x!==Pe||E.y!==H||E.z!==He||E.w!==ae)&&(e.vertexAttrib4f(M,Pe,H,He,ae),E.x=Pe,E.y=H,E.z=He,E.w=ae)),
ol=A.call(this,i,k,m),e.uniform1f(Oi.location,ol),kl=Ni.call(this,i,k,m),e.uniform1f(Ti.location,kl),$t=q.call(this,i,k,
m),$t&&$t._reglType==="framebuffer"&&($t=$t.color[0]),vt=$t._texture,e.uniform1i(_i.location,vt.bind()),$e=Ji.call(this,
i,k,m),e.uniform1f($i.location,$e),Hl=ji.call(this,i,k,m),e.uniform1f(Fe.location,Hl),St=ri.call(this,i,k,m),e.uniform1f(
Zi.location,St),Ue=jt.call(this,i,k,m),e.uniform1f(ct.location,Ue),Ge=Qi.call(this,i,k,m),Ge&&Ge._reglType==="framebuffe\
r"&&(Ge=Ge.color[0]),At=Ge._texture,e.uniform1i(ci.location,At.bind()),we=Be.call(this,i,k,m),e.uniform1f(V.location,we),
Bt=O.call(this,i,k,m),e.uniform1f(Pi.location,Bt),e.uniform1f(J.location,0),X=ke.call(this,i,k,m),e.uniform1f(G.location,
X),me=Ve.call(this,i,k,m),e.uniform1f(lt.location,me),Rl=wl.call(this,i,k,m),e.uniform1f(Q.location,Rl),ll=hi.call(this,
i,k,m),e.uniform1f(Di.location,ll),Vt=Vi.call(this,i,k,m),e.uniform1f(Hi.location,Vt),Bl=ti.call(this,i,k,m),e.uniform1f(
Ii.location,Bl),j=pi.call(this,i,k,m),e.uniform1f(di.location,j),fi=Wl.call(this,i,k,m),e.uniform1f(Wi.location,fi),Z=Ei.
call(this,i,k,m),e.uniformMatrix4fv(yi.location,!1,Array.isArray(Z)||Z instanceof Float32Array?Z:(u[0]=Z[0],u[1]=Z[1],u[2]=
Z[2],u[3]=Z[3],u[4]=Z[4],u[5]=Z[5],u[6]=Z[6],u[7]=Z[7],u[8]=Z[8],u[9]=Z[9],u[10]=Z[10],u[11]=Z[11],u[12]=Z[12],u[13]=Z[13],
u[14]=Z[14],u[15]=Z[15],u)),e.uniform1f(mi.location,4),Vl=ui.call(this,i,k,m),e.uniform1f(Ri.location,Vl),ki=si.call(this,
i,k,m),e.uniform1f(Ai.location,ki),Ci=wi.call(this,i,k,m),e.uniform1f(zi.location,Ci),Mi=Se.call(this,i,k,m),e.uniform1f(
ze.location,Mi),qi=ht.call(this,i,k,m),e.uniform1f(Wt.location,qi),ai=Re.call(this,i,k,m),e.uniform1f(We.location,ai),xi=
Fi.call(this,i,k,m),e.uniform1f(ml.location,xi),vl=Dl.call(this,i,k,m),vl&&vl._reglType==="framebuffer"&&(vl=vl.color[0]),
Li=vl._texture,e.uniform1i(Dt.location,Li.bind()),Bi=y.elements,Bi?e.bindBuffer(34963,Bi.buffer.buffer):a.currentVAO&&(Bi=
z.getElements(a.currentVAO.elements),Bi&&e.bindBuffer(34963,Bi.buffer.buffer)),Yi=y.offset,Ui=h.call(this,i,k,m),m=0;m<w;++m)
k=c[m],Ui&&(Bi?e.drawElements(0,Ui,Bi.type,Yi<<(Bi.type-5121>>1)):e.drawArrays(0,Yi,Ui));tt&&N.destroyStream(_e),vt.unbind(),
At.unbind(),Li.unbind(),s.dirty=!0,a.setVAO(null),jl&&(Tl.cpuTime+=performance.now()-B)}}}};
